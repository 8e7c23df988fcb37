"""The tables of docs/delivery.md against the code: what they say of an answer is what becomes of it."""

import itertools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import pytest

from delivery.answer import Answer, Lost
from delivery.apns import answer as apns
from delivery.fcm import answer as fcm
from delivery.outcome import Outcome, Unavailable, name_of
from delivery.webpush import answer as webpush

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DOCUMENT = Path("docs/delivery.md").read_text()
LOST = {"no connection": Lost("no_connection"), "no answer": Lost("timeout")}


class OutcomeOf(Protocol):
    def __call__(self, answer: Answer, now: datetime, *, proven: bool) -> Outcome: ...


class Row(NamedTuple):
    statuses: list[int]
    reasons: list[str]  # empty: whatever the reason
    outcome: str  # its name, and more

    @property
    def name(self) -> str:
        return re.split(r"[:;, ]", self.outcome)[0]


def rows(heading: str) -> list[Row]:
    """Of the table of answers in that section, without those where there is no answer."""
    found = [cells for cells in lines(heading) if cells[0] not in LOST]
    return [Row(statuses(cells[0]), re.findall(r"`(\w+)`", "".join(cells[1:-1])), cells[-1]) for cells in found]


def lines(heading: str) -> list[list[str]]:
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    tables = [block.splitlines() for block in section.split("\n\n") if block.startswith("|")]
    [answers] = [table for table in tables if table[0].endswith("| outcome |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in answers[2:]]


def statuses(cell: str) -> list[int]:
    """Of "404, 410", "500 to 599" and "405 to 428, but 410"."""
    meant, _, excepted = cell.partition(", but ")
    found: list[int] = []
    for part in meant.split(", "):
        first, _, last = part.partition(" to ")
        found += range(int(first), int(last or first) + 1)
    return [status for status in found if str(status) not in excepted.split(", ")]


@pytest.mark.parametrize("heading", ["Web Push", "APNs", "FCM"])
def test_every_status_is_in_one_row(heading: str) -> None:
    without_reason = [status for row in rows(heading) if not row.reasons for status in row.statuses]

    assert len(without_reason) == len(set(without_reason))
    assert set(without_reason) >= set(range(300, 600))


@pytest.mark.parametrize("heading", ["Web Push", "APNs", "FCM"])
def test_what_was_lost_is_unavailable(heading: str) -> None:
    said = {cells[0]: cells[-1] for cells in lines(heading) if cells[0] in LOST}

    for cell, lost in LOST.items():
        assert said[cell].startswith("unavailable")
        assert lost.outcome == Unavailable(lost.how, ambiguous="maybe accepted" in said[cell])


@pytest.mark.parametrize("row", rows("Web Push"))
def test_web_push_does_as_the_table_says(row: Row) -> None:
    for status in row.statuses:
        assert name_of(webpush.outcome_of(Answer(status), NOW)) == row.name


@pytest.mark.parametrize("row", rows("APNs"))
def test_apns_does_as_the_table_says(row: Row) -> None:
    check(row, lambda reason: msgspec.json.encode({"reason": reason}), apns.outcome_of)


@pytest.mark.parametrize("row", rows("FCM"))
def test_fcm_does_as_the_table_says(row: Row) -> None:
    check(row, _fcm_error, fcm.outcome_of)


def test_fcm_calls_a_token_that_it_names_gone_as_the_table_says() -> None:
    [row] = [row for row in rows("FCM") if "gone when it names the token" in row.outcome]
    body = _fcm_error(row.reasons[0], "The registration token is not a valid FCM registration token")

    assert name_of(fcm.outcome_of(Answer(row.statuses[0], {}, body), NOW, proven=False)) == "gone"


def check(row: Row, body: Callable[[str], bytes], outcome_of: OutcomeOf) -> None:
    for status, reason in itertools.product(row.statuses, row.reasons or ["NEW_TO_US", ""]):
        answer = Answer(status, {}, body(reason) if reason else b"")
        unproven = "misconfigured" if "misconfigured until" in row.outcome else row.name
        assert name_of(outcome_of(answer, NOW, proven=True)) == row.name
        assert name_of(outcome_of(answer, NOW, proven=False)) == unproven


def _fcm_error(code: str, message: str = "") -> bytes:
    details = [] if code == fcm.UNAUTHENTICATED else [{"errorCode": code}]
    return msgspec.json.encode({"error": {"status": code, "message": message, "details": details}})


@pytest.mark.parametrize(("heading", "known"), [("APNs", apns.MEANINGS), ("FCM", fcm.MEANINGS)])
def test_the_table_has_every_reason_that_is_documented(heading: str, known: Mapping[str, str]) -> None:
    assert sorted(reason for row in rows(heading) for reason in row.reasons) == sorted(known)
