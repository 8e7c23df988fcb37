"""Signatures, verified by the library that receivers use."""

from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from delivery.webhook.event import Event
from delivery.webhook.signature import headers, new_secret

EVENT = Event(
    id="0199f3a2-6b1e-4d5c-8f70-2f1c6f0b9a11",
    type="notification.delivered",
    at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    data=msgspec.Raw('{"user_id": "björn"}'.encode()),
)


def test_the_receivers_library_takes_it_and_reads_the_event() -> None:
    secret, body = new_secret(), EVENT.body()
    heard = Webhook(secret).verify(body, headers(EVENT.id, body, [secret], datetime.now(UTC)))
    assert heard == {
        "type": "notification.delivered",
        "timestamp": "2026-11-21T10:30:00Z",
        "data": {"user_id": "björn"},
    }


def test_after_a_rotation_who_knows_either_secret_takes_it_and_others_do_not() -> None:
    new, old, body = new_secret(), new_secret(), EVENT.body()
    signed = headers(EVENT.id, body, [new, old], datetime.now(UTC))
    assert len(signed["webhook-signature"].split(" ")) == 2
    for secret in (new, old):
        Webhook(secret).verify(body, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, signed)


def test_a_body_id_or_time_that_was_altered_is_found_out() -> None:
    secret, body = new_secret(), EVENT.body()
    signed = headers(EVENT.id, body, [secret], datetime.now(UTC))
    for wrong in ({"webhook-id": "other"}, {"webhook-timestamp": str(int(signed["webhook-timestamp"]) - 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, signed | wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"delivered", b"read"), signed)


def test_the_known_signature_of_the_specification() -> None:
    """The vector that Standard Webhooks' own libraries are tested with."""
    signed = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed["webhook-timestamp"] == "1614265330"
