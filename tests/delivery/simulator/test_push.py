from datetime import UTC, datetime, timedelta

import jwt
import msgspec
import pytest

from delivery.simulator.deliveries import Delivery
from delivery.simulator.push import receive
from delivery.simulator.refused import Refused
from delivery.webpush import vapid
from tests.delivery.simulator.test_devices import PHONE, encrypted

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8090"
SIGNER = vapid.load(vapid.generate().private_key)
TOKEN = jwt.encode(
    {"aud": ORIGIN, "exp": (NOW + timedelta(hours=1)).timestamp(), "sub": "mailto:ops@example.com"},
    SIGNER.vapid.private_key,
    algorithm="ES256",
)
HEADERS = {
    "ttl": "60",
    "content-encoding": "aes128gcm",
    "authorization": f"vapid t={TOKEN},k={SIGNER.application_server_key}",
}


def received(body: bytes = b"", **headers: str | None) -> Delivery | Refused:
    said = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    present = {name: value for name, value in said.items() if value is not None}
    return receive(PHONE, present, body or encrypted(b"{}", PHONE), origin=ORIGIN, now=NOW)


@pytest.mark.parametrize(
    ("plaintext", "payload"),
    [(b'{"a": 1}', b'{"a": 1}'), (b"hello", b'"hello"'), (b"\xff", '"\ufffd"'.encode())],
)
def test_a_push_is_kept_as_json_and_without_its_credentials(plaintext: bytes, payload: bytes) -> None:
    delivery = received(encrypted(plaintext, PHONE), topic="a", urgency="low")

    assert isinstance(delivery, Delivery)
    assert delivery.payload == msgspec.Raw(payload)
    assert msgspec.json.decode(msgspec.json.encode(delivery))["at"] == "2026-11-20T12:00:00Z"
    assert delivery.headers == {"ttl": "60", "urgency": "low", "topic": "a", "content-encoding": "aes128gcm"}


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("ttl", None, "TTL header missing"),
        ("ttl", "-1", "TTL is not"),
        ("ttl", "soon", "TTL is not"),
        ("urgency", "critical", "Urgency"),
        ("topic", "x" * 33, "Topic"),
        ("topic", "a b", "Topic"),
        ("topic", "", "Topic"),
        ("content_encoding", None, "Content-Encoding"),
        ("content_encoding", "aesgcm", "Content-Encoding"),
    ],
)
def test_a_header_that_breaks_the_rfc_is_400(header: str, value: str | None, reason: str) -> None:
    refused = received(b"", **{header: value})

    assert isinstance(refused, Refused)
    assert refused.status == 400
    assert reason in refused.reason


def test_a_body_for_somebody_else_is_400() -> None:
    assert received(b"x" * 200) == Refused(400, "the body is not encrypted for this subscription")


def test_the_largest_body_is_4096_bytes() -> None:
    assert isinstance(received(encrypted(b"x" * 3993, PHONE)), Delivery)
    too_big = received(encrypted(b"x" * 3994, PHONE))
    assert isinstance(too_big, Refused)
    assert too_big.status == 413


def test_an_unsigned_push_is_401() -> None:
    refused = received(authorization=None)

    assert isinstance(refused, Refused)
    assert refused.status == 401
