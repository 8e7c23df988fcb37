from datetime import UTC, datetime

import msgspec
import pytest

from delivery.answer import Answer
from delivery.fcm.answer import MEANINGS, THROTTLED_S, outcome_of
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable, name_of

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
BAD_TOKEN = "The registration token is not a valid FCM registration token"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


def said(
    status: int, code: str = "", *, general: str = "", message: str = "", retry_after: str | None = None
) -> Answer:
    details = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    return answer(status, {"status": general, "message": message, "details": details}, retry_after=retry_after)


def answer(status: int, error: dict[str, object], *, retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Answer(status, headers, msgspec.json.encode({"error": {"code": status, **error}}))


def violating(field: str) -> Answer:
    violation = {"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": "wrong"}]}
    return answer(400, {"status": "INVALID_ARGUMENT", "message": "Invalid value", "details": [violation]})


def outcome(found: Answer, *, proven: bool = True) -> Outcome:
    return outcome_of(found, NOW, proven=proven)


def test_what_is_accepted_has_its_name() -> None:
    assert outcome(Answer(200, {}, b'{"name":"projects/p/messages/0:1"}')) == Accepted("projects/p/messages/0:1")
    assert outcome(Answer(200)) == Accepted("")


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        (said(404, "UNREGISTERED"), Gone("UNREGISTERED")),
        (said(400, "INVALID_ARGUMENT", message=BAD_TOKEN), Gone("INVALID_ARGUMENT")),
        (violating("message.token"), Gone("INVALID_ARGUMENT")),
        (violating("message.data[0].value"), Rejected("INVALID_ARGUMENT", "Invalid value")),
        (said(400, "INVALID_ARGUMENT", message="too big"), Rejected("INVALID_ARGUMENT", "too big")),
        (said(400, general="INVALID_ARGUMENT", message=BAD_TOKEN), Rejected("INVALID_ARGUMENT", BAD_TOKEN)),
        (said(429, "QUOTA_EXCEEDED", retry_after="90"), Throttled("QUOTA_EXCEEDED", 90.0)),
        (said(429, "QUOTA_EXCEEDED"), Throttled("QUOTA_EXCEEDED", THROTTLED_S)),
        (said(503, "UNAVAILABLE", retry_after="5"), Unavailable("UNAVAILABLE", 5.0)),
        (said(500, "INTERNAL"), Unavailable("INTERNAL")),
        (said(401, "THIRD_PARTY_AUTH_ERROR", message="apns"), Misconfigured("THIRD_PARTY_AUTH_ERROR", "apns")),
        (said(401, general="UNAUTHENTICATED"), Unavailable("UNAUTHENTICATED", 0.0)),
        (said(403, general="PERMISSION_DENIED", message="off"), Misconfigured("PERMISSION_DENIED", "off")),
        (said(404, general="NOT_FOUND", message="no project"), Misconfigured("NOT_FOUND", "no project")),
    ],
)
def test_a_code_has_its_outcome(found: Answer, meant: Outcome) -> None:
    assert outcome(found) == meant


def test_another_projects_token_is_dead_only_on_the_word_of_credentials_that_work() -> None:
    assert outcome(said(403, "SENDER_ID_MISMATCH"), proven=True) == Gone("SENDER_ID_MISMATCH")
    assert outcome(said(403, "SENDER_ID_MISMATCH"), proven=False) == Misconfigured("SENDER_ID_MISMATCH", "")


@pytest.mark.parametrize("proven", [True, False])
def test_only_that_depends_on_it(*, proven: bool) -> None:
    names = {code: name_of(outcome(said(400, code), proven=proven)) for code in MEANINGS}

    assert {code for code, name in names.items() if name != MEANINGS[code]} == {"SENDER_ID_MISMATCH"}


@pytest.mark.parametrize(
    ("found", "name", "code"),
    [
        (said(400, "BRAND_NEW"), "rejected", "BRAND_NEW"),
        (said(503, "BRAND_NEW"), "unavailable", "BRAND_NEW"),
        (Answer(401), "misconfigured", "http_401"),
        (Answer(403), "misconfigured", "http_403"),
        (Answer(404), "misconfigured", "http_404"),
        (Answer(429), "throttled", "http_429"),
        (Answer(413), "rejected", "http_413"),
        (Answer(302), "rejected", "http_302"),
        (Answer(503, {}, b"<html>"), "unavailable", "http_503"),
        (Answer(404, {}, b'{"error":{"details":[{"errorCode":"UNREG'), "misconfigured", "http_404"),
        (Answer(400, {}, b'{"error":"no"}'), "rejected", "http_400"),
        (Answer(400, {}, b"\xff"), "rejected", "http_400"),
        (Answer(503, {}, b'{"x":' + b"[" * 9_000), "unavailable", "http_503"),
    ],
)
def test_without_a_code_we_know_the_status_decides(found: Answer, name: str, code: str) -> None:
    meant = outcome(found)

    assert (name_of(meant), getattr(meant, "code", None)) == (name, code)


def test_a_gateway_that_gave_up_may_have_passed_it_on() -> None:
    assert outcome(Answer(502)) == Unavailable("http_502", ambiguous=True)
