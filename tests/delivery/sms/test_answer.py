from datetime import UTC, datetime

import msgspec
import pytest

from delivery.answer import Answer
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable, name_of
from delivery.sms.answer import MEANINGS, outcome_of

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


def said(status: int, code: int | None = None, message: str = "no", *, retry_after: str | None = None) -> Answer:
    body = b"" if code is None else msgspec.json.encode({"code": code, "message": message, "status": status})
    return Answer(status, {} if retry_after is None else {"retry-after": retry_after}, body)


def outcome(answer: Answer) -> Outcome:
    return outcome_of(answer, NOW)


def test_what_is_accepted_has_its_sid() -> None:
    assert outcome(Answer(201, {}, b'{"sid":"SM1","status":"queued","error_code":null}')) == Accepted("SM1")
    assert outcome(Answer(201, {}, b'{"si')) == Accepted("")


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        (said(400, 21211), Gone("21211")),
        (said(400, 21614), Gone("21614")),
        (said(400, 21610, "unsubscribed"), Rejected("21610", "unsubscribed")),
        (said(400, 21408), Rejected("21408", "no")),
        (said(401, 20003, "Authenticate"), Misconfigured("20003", "Authenticate")),
        (said(400, 21660), Misconfigured("21660", "no")),
        (said(429, 20429, retry_after="30"), Throttled("20429", 30.0)),
        (said(400, 21611), Throttled("21611")),
        (said(503, 20503, retry_after="5"), Unavailable("20503", 5.0)),
        (said(500, 20500), Unavailable("20500", ambiguous=True)),
    ],
)
def test_a_code_has_its_outcome(answer: Answer, meant: Outcome) -> None:
    assert outcome(answer) == meant


def test_every_code_means_the_same_whatever_the_status() -> None:
    assert {code: name_of(outcome(said(400, code))) for code in MEANINGS} == MEANINGS


@pytest.mark.parametrize(
    ("answer", "name", "code"),
    [
        (said(400, 29999), "rejected", "29999"),
        (said(403, 29999), "misconfigured", "29999"),
        (said(429, 29999), "throttled", "29999"),
        (said(503, 29999), "unavailable", "29999"),
        (said(302), "misconfigured", "http_302"),
        (said(400), "rejected", "http_400"),
        (said(401), "misconfigured", "http_401"),
        (said(404), "misconfigured", "http_404"),
        (said(429), "throttled", "http_429"),
        (said(502), "unavailable", "http_502"),
        (Answer(503, {}, b"<html>"), "unavailable", "http_503"),
        (Answer(400, {}, b'{"code":"x"}'), "rejected", "http_400"),
        (Answer(400, {}, b"\xff"), "rejected", "http_400"),
        (Answer(503, {}, b'{"x":' + b"[" * 9_000), "unavailable", "http_503"),
    ],
)
def test_without_a_code_we_know_the_status_decides(answer: Answer, name: str, code: str) -> None:
    found = outcome(answer)

    assert (name_of(found), getattr(found, "code", None)) == (name, code)


@pytest.mark.parametrize(("status", "maybe"), [(500, True), (502, True), (503, False), (504, True)])
def test_a_server_that_failed_may_have_taken_it(status: int, *, maybe: bool) -> None:
    assert outcome(said(status)) == Unavailable(f"http_{status}", ambiguous=maybe)
