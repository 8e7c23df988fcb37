"""Which webhooks are to be believed (Standard Webhooks)."""

import base64
import hmac
from datetime import UTC, datetime

import pytest

from hark_sdk import webhooks

# The example of the standard's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT_S = 1614265330
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(SENT_S),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def _verify(body: bytes = BODY, secret: str = SECRET, now: float = SENT_S, **headers: str) -> webhooks.Webhook:
    changed = {f"webhook-{name}": value for name, value in headers.items()}
    return webhooks.verify(body, HEADERS | changed, secret, now=now)


def test_the_standards_example_is_believed() -> None:
    assert _verify() == webhooks.Webhook(HEADERS["webhook-id"], datetime.fromtimestamp(SENT_S, UTC), BODY)


def test_the_case_of_headers_and_the_secrets_prefix_do_not_matter() -> None:
    shouted = {name.upper(): value for name, value in HEADERS.items()}
    assert webhooks.verify(BODY, shouted, SECRET.removeprefix("whsec_"), now=SENT_S).body == BODY


def test_one_signature_of_several_is_enough() -> None:
    good = HEADERS["webhook-signature"]
    assert _verify(signature=f"v1,AAAA v2,{good[3:]} v1,not-base64 {good}").body == BODY


def test_a_body_that_is_not_utf8_is_only_bytes() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{HEADERS['webhook-id']}.{SENT_S}.".encode() + b"\xff\0", "sha256")
    assert _verify(b"\xff\0", signature=f"v1,{base64.b64encode(signed).decode()}").body == b"\xff\0"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"body": b'{"test": 2432232315}'}, webhooks.SignatureMismatch),
        ({"secret": "whsec_" + base64.b64encode(b"another").decode()}, webhooks.SignatureMismatch),
        ({"id": "msg_other"}, webhooks.SignatureMismatch),
        ({"timestamp": str(SENT_S + 1)}, webhooks.SignatureMismatch),
        ({"signature": ""}, webhooks.SignatureMismatch),
        ({"signature": "v2" + HEADERS["webhook-signature"][2:]}, webhooks.SignatureMismatch),
        ({"timestamp": "yesterday"}, webhooks.HeaderMissing),
        ({"timestamp": "-5"}, webhooks.HeaderMissing),
        ({"timestamp": "9" * 13}, webhooks.HeaderMissing),
        ({"now": SENT_S + 301}, webhooks.TimestampTooOld),
        ({"now": SENT_S - 301}, webhooks.TimestampTooNew),
        ({"secret": ""}, webhooks.SecretInvalid),
        ({"secret": "whsec_not base64"}, webhooks.SecretInvalid),
    ],
)
def test_anything_else_is_not(changes: dict[str, object], error: type[webhooks.WebhookError]) -> None:
    with pytest.raises(error) as refused:
        _verify(**changes)  # type: ignore[arg-type]
    assert isinstance(refused.value, webhooks.WebhookError)


@pytest.mark.parametrize("name", HEADERS)
def test_without_one_of_its_headers_it_is_nobodys(name: str) -> None:
    headers = {other: value for other, value in HEADERS.items() if other != name}
    with pytest.raises(webhooks.HeaderMissing, match=name):
        webhooks.verify(BODY, headers, SECRET, now=SENT_S)


def test_five_minutes_are_tolerated_either_way() -> None:
    assert _verify(now=SENT_S + 300) == _verify(now=SENT_S - 300)


def test_the_clock_is_the_machines_own_unless_it_is_given() -> None:
    with pytest.raises(webhooks.TimestampTooOld):
        webhooks.verify(BODY, HEADERS, SECRET)
