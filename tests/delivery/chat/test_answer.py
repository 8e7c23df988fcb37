"""What apprise and urllib3 log, and the table of chat services in docs/delivery.md against the code, row by row."""

import re
from pathlib import Path

import pytest

from delivery.chat.answer import Said, outcome_of, said
from delivery.outcome import Unavailable, name_of

DOCUMENT = Path("docs/delivery.md").read_text()
SERVICES = {"any": [True, False], "with `{target}`": [True], "without": [False]}


def rows() -> list[list[str]]:
    section = DOCUMENT.partition("\n## Chat services\n")[2].partition("\n## ")[0]
    tables = [block.splitlines() for block in section.split("\n\n") if block.startswith("|")]
    [answers] = [table for table in tables if table[0].endswith("| outcome |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in answers[2:]]


def statuses(cell: str) -> list[int]:
    """Of "300 to 399, 401" and "400 to 499, but 429"."""
    meant, _, excepted = cell.partition(", but ")
    found: list[int] = []
    for part in meant.split(", "):
        first, _, last = part.partition(" to ")
        found += range(int(first), int(last or first) + 1)
    return [status for status in found if str(status) not in excepted.split(", ")]


STATUS_ROWS = [row for row in rows() if row[0][0].isdecimal()]


@pytest.mark.parametrize("row", STATUS_ROWS, ids=" | ".join)
def test_a_refusal_is_what_the_table_says(row: list[str]) -> None:
    found = [
        outcome_of(Said(sent=False, status=status), addressed=addressed)
        for status in statuses(row[0])
        for addressed in SERVICES[row[1]]
    ]

    assert {name_of(outcome) for outcome in found} == {re.split(r"[:;, ]", row[2])[0]}
    maybe = {outcome.ambiguous for outcome in found if isinstance(outcome, Unavailable)}
    assert maybe <= {"maybe accepted" in row[2]}


def test_every_status_is_in_one_row() -> None:
    covered = [(status, to) for row in STATUS_ROWS for status in statuses(row[0]) for to in SERVICES[row[1]]]

    assert sorted(covered) == sorted((status, to) for status in range(200, 600) for to in (True, False))


@pytest.mark.parametrize(
    ("row", "told"), [("sent", Said(sent=True)), ("no answer, or apprise names no status", Said(sent=False))]
)
def test_without_a_status_it_is_what_the_table_says(row: str, told: Said) -> None:
    [cell] = [cells[-1] for cells in rows() if cells[0] == row]
    outcome = outcome_of(told, addressed=True)

    assert name_of(outcome) == re.split(r"[:;, ]", cell)[0]
    assert ("maybe accepted" in cell) == (isinstance(outcome, Unavailable) and outcome.ambiguous)


@pytest.mark.parametrize(
    ("lines", "wire", "status"),
    [
        ([], ['https://slack.com:443 "POST /api/chat.postMessage HTTP/1.1" 403 None'], 403),
        ([], ['http://h:80 "POST /login HTTP/1.1" 200 9', 'http://h:80 "POST /send HTTP/1.1" 404 0'], 404),
        ([], ['http://h:80 "POST /send HTTP/1.1" 404 0', 'http://h:80 "POST /logout HTTP/1.1" 200 9'], 404),
        ([], ["Starting new HTTP connection (1): h:80"], None),
        (["Failed to send to Slack: error=200."], ['http://h:80 "POST /send HTTP/1.1" 200 9'], 200),
        (["A Connection error occurred sending"], ['http://h:80 "GET /.well-known/x HTTP/1.1" 404 9'], None),
        (["A Connection error occured sending"], ['http://h:80 "POST /login HTTP/1.1" 200 9'], None),
        (["Failed to send: Unauthorized, error=401."], [], 401),
        (["Failed: terror=401"], [], None),
    ],
)
def test_a_status_is_found_where_it_is_named(lines: list[str], wire: list[str], status: int | None) -> None:
    assert said(lines, wire, sent=False) == Said(sent=False, status=status)
