from datetime import UTC, datetime

import msgspec
import pytest

from delivery.answer import Answer
from delivery.apns.answer import MEANINGS, outcome_of
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable, name_of

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def said(status: int, reason: str = "", *, retry_after: str | None = None, **more: object) -> Answer:
    body = msgspec.json.encode({"reason": reason, **more}) if reason else b""
    return Answer(status, {} if retry_after is None else {"retry-after": retry_after}, body)


def outcome(answer: Answer, *, proven: bool = True) -> Outcome:
    return outcome_of(answer, NOW, proven=proven)


def test_what_is_accepted_has_its_id() -> None:
    assert outcome(Answer(200, {"apns-id": "eabe-01"})) == Accepted("eabe-01")
    assert outcome(Answer(200)) == Accepted("")


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        (said(410, "Unregistered", timestamp=SINCE.timestamp() * 1000), Gone("Unregistered", SINCE)),
        (said(410, "Unregistered"), Gone("Unregistered")),
        (said(410, "Unregistered", timestamp=0), Gone("Unregistered")),
        (said(410, "Unregistered", timestamp=1e300), Gone("Unregistered")),
        (said(410, "ExpiredToken"), Gone("ExpiredToken")),
        (said(429, "TooManyRequests", retry_after="30"), Throttled("TooManyRequests", 30.0)),
        (said(429, "TooManyProviderTokenUpdates"), Throttled("TooManyProviderTokenUpdates")),
        (said(503, "Shutdown"), Unavailable("Shutdown")),
        (said(503, "ServiceUnavailable", retry_after="900"), Unavailable("ServiceUnavailable", 900.0)),
        (said(403, "ExpiredProviderToken"), Unavailable("ExpiredProviderToken", 0.0)),
        (said(403, "InvalidProviderToken"), Misconfigured("InvalidProviderToken", '{"reason":"InvalidProviderToken"}')),
        (said(413, "PayloadTooLarge"), Rejected("PayloadTooLarge", '{"reason":"PayloadTooLarge"}')),
    ],
)
def test_a_reason_has_its_outcome(answer: Answer, meant: Outcome) -> None:
    assert outcome(answer) == meant


@pytest.mark.parametrize("reason", ["BadDeviceToken", "DeviceTokenNotForTopic"])
def test_a_token_is_dead_only_on_the_word_of_a_credential_that_works(reason: str) -> None:
    assert outcome(said(400, reason), proven=True) == Gone(reason)

    doubtful = outcome(said(400, reason), proven=False)
    assert isinstance(doubtful, Misconfigured)
    assert doubtful.code == reason


@pytest.mark.parametrize("proven", [True, False])
def test_only_two_reasons_depend_on_that(*, proven: bool) -> None:
    names = {reason: name_of(outcome(said(400, reason), proven=proven)) for reason in MEANINGS}

    assert {reason for reason, name in names.items() if name != MEANINGS[reason]} == {
        "BadDeviceToken",
        "DeviceTokenNotForTopic",
    }


@pytest.mark.parametrize(
    ("answer", "name", "code"),
    [
        (said(400, "BrandNew"), "rejected", "BrandNew"),
        (said(403, "BrandNew"), "misconfigured", "BrandNew"),
        (said(410, "BrandNew"), "gone", "BrandNew"),
        (said(429, "BrandNew"), "throttled", "BrandNew"),
        (said(500, "BrandNew"), "unavailable", "BrandNew"),
        (said(404), "rejected", "http_404"),
        (said(403), "misconfigured", "http_403"),
        (said(410), "gone", "http_410"),
        (said(429), "throttled", "http_429"),
        (said(503), "unavailable", "http_503"),
        (said(302), "rejected", "http_302"),
        (Answer(503, {}, b"<html>"), "unavailable", "http_503"),
        (Answer(410, {}, b'{"rea'), "gone", "http_410"),
        (Answer(400, {}, b'{"reason":7}'), "rejected", "http_400"),
        (Answer(400, {}, b'{"reason":"\\u0000"}'), "rejected", "http_400"),
        (Answer(400, {}, b"\xff"), "rejected", "http_400"),
        (Answer(503, {}, b'{"x":' + b"[" * 9_000), "unavailable", "http_503"),
    ],
)
def test_without_a_reason_we_know_the_status_decides(answer: Answer, name: str, code: str) -> None:
    found = outcome(answer)

    assert (name_of(found), getattr(found, "code", None)) == (name, code)


def test_a_gateway_that_gave_up_may_have_passed_it_on() -> None:
    assert outcome(said(502)) == Unavailable("http_502", ambiguous=True)
    assert outcome(said(504)) == Unavailable("http_504", ambiguous=True)
