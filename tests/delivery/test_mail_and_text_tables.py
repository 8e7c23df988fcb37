"""The tables of e-mail and SMS in docs/delivery.md against the code, row by row."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from delivery.answer import Answer, Lost
from delivery.email import answer as email
from delivery.email.answer import Broken, Reply, Step
from delivery.outcome import Outcome, Unavailable, name_of
from delivery.sms import answer as sms

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DOCUMENT = Path("docs/delivery.md").read_text()

STEPS: dict[str, list[Step]] = {
    "connection": ["connect"],
    "login": ["login"],
    "MAIL": ["sender"],
    "RCPT": ["recipient"],
    "DATA": ["content"],
    "mail": ["end"],
}
STEPS["everything"] = [step for steps in STEPS.values() for step in steps]


def rows(heading: str) -> list[list[str]]:
    """Of the table of answers in that section."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    tables = [block.splitlines() for block in section.split("\n\n") if block.startswith("|")]
    [answers] = [table for table in tables if table[0].endswith("| outcome |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in answers[2:]]


def numbers(cell: str) -> list[int]:
    """Of "300 to 399, 401" and "400 to 499, but 450"."""
    meant, _, excepted = cell.partition(", but ")
    found: list[int] = []
    for part in meant.split(", "):
        first, _, last = part.partition(" to ")
        found += range(int(first), int(last or first) + 1)
    return [number for number in found if str(number) not in excepted.split(", ")]


def name(cell: str) -> str:
    return re.split(r"[:;, ]", cell)[0]


class Case(NamedTuple):
    """One reply that a row is about."""

    step: Step
    code: int
    status: str

    @property
    def outcome(self) -> Outcome:
        return email.outcome_of(Reply(self.step, self.code, f"{self.status} said" if self.status else "said"))


MAIL_ROWS = [row for row in rows("E-mail") if not row[0].startswith("no ")]


def named(row: list[str]) -> list[str]:
    """The statuses in a row; for `4.2.*` one of them."""
    return [found.replace("*", "3") for found in re.findall(r"`([0-9.*]+)`", row[2])]


OURS = {*email.GONE, *email.OF_THE_MAIL, *(f"{beginning}3" for beginning in email.NOT_YET)}
STATUSES = [*OURS.union(*(named(row) for row in MAIL_ROWS)), "5.9.9", "4.9.9", "2.9.9", ""]


def cases(row: list[str]) -> set[Case]:
    steps = [step for asked in row[0].split(", ") for step in STEPS[asked]]
    return {
        Case(step, code, status)
        for step in steps
        for code in numbers(row[1])
        for status in statuses(row)
        if status[:1] in {"", str(code)[0]}
    }


def statuses(row: list[str]) -> list[str]:
    """All that are meant by this row, of those that make a difference."""
    beside = {status for other in MAIL_ROWS if other[:2] == row[:2] for status in named(other)}
    match row[2]:
        case "any, or none":
            return STATUSES
        case "any other, or none":
            return [status for status in STATUSES if status not in beside]
        case "any other":
            return [status for status in STATUSES if status and status not in beside]
        case "none":
            return [""]
        case _:
            return named(row)


@pytest.mark.parametrize("row", MAIL_ROWS, ids=" | ".join)
def test_email_does_as_the_table_says(row: list[str]) -> None:
    found = {name_of(case.outcome) for case in cases(row)}

    assert found == {name(row[3])}


def test_every_reply_to_a_mail_is_in_one_row() -> None:
    covered = [case for row in MAIL_ROWS for case in cases(row)]
    refusals = {
        Case(step, code, status)
        for step in STEPS["everything"]
        for code in range(400, 600)
        for status in STATUSES
        if status[:1] in {"", str(code)[0]}
    }

    assert len(covered) == len(set(covered))
    assert set(covered) >= refusals


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        ("no connection", Broken("connect", "no_connection")),
        ("no answer before the mail", Broken("content", "timeout")),
        ("no answer to the mail", Broken("end", "timeout")),
    ],
)
def test_a_mail_that_was_lost_is_as_the_table_says(row: str, lost: Broken) -> None:
    [said] = [cells[-1] for cells in rows("E-mail") if cells[0] == row]

    assert said.startswith("unavailable")
    assert lost.outcome.ambiguous == ("maybe accepted" in said)


TEXT_ROWS = [row for row in rows("SMS") if not row[0].startswith("no ")]


def answer(status: int, code: int | None) -> Answer:
    return Answer(status, {}, b"" if code is None else msgspec.json.encode({"code": code, "message": "said"}))


@pytest.mark.parametrize("row", TEXT_ROWS, ids=" | ".join)
def test_sms_does_as_the_table_says(row: list[str]) -> None:
    codes: list[int | None] = [int(code) for code in re.findall(r"`([0-9]+)`", row[1])] or [None, 99999]
    answered = [400, 429, 503] if row[0] == "any" else numbers(row[0])
    found = [sms.outcome_of(answer(status, code), NOW) for status in answered for code in codes]

    assert {name_of(outcome) for outcome in found} == {name(row[2])}
    maybe = {outcome.ambiguous for outcome in found if isinstance(outcome, Unavailable)}
    assert maybe <= {"maybe accepted" in row[2]}


def test_every_status_and_code_of_a_text_is_in_one_row() -> None:
    without_code = [status for row in TEXT_ROWS if "`" not in row[1] for status in numbers(row[0])]
    codes = [int(code) for row in TEXT_ROWS for code in re.findall(r"`([0-9]+)`", row[1])]

    assert sorted(without_code) == list(range(200, 600))
    assert sorted(codes) == sorted(sms.MEANINGS)


@pytest.mark.parametrize(("row", "lost"), [("no connection", Lost("no_connection")), ("no answer", Lost("timeout"))])
def test_a_text_that_was_lost_is_as_the_table_says(row: str, lost: Lost) -> None:
    [said] = [cells[-1] for cells in rows("SMS") if cells[0] == row]

    assert said.startswith("unavailable")
    assert lost.outcome.ambiguous == ("maybe accepted" in said)
