from datetime import UTC, datetime

import msgspec
import pytest

from delivery.simulator.apns_push import STATUS_OF, Reason, device_token, receive
from delivery.simulator.deliveries import Delivery
from delivery.simulator.http2 import Request

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
TOKEN = "ab" * 32
HEADERS = {
    "apns-topic": "com.example.shop",
    "apns-push-type": "alert",
    "apns-priority": "10",
    "apns-expiration": "0",
    "apns-collapse-id": "x" * 64,
    "apns-id": "11111111-2222-3333-4444-555555555555",
}
BODY = b'{"aps":{"alert":{"title":"Shipped"}}}'


def received(body: bytes, **headers: str | None) -> Delivery | Reason:
    said = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    present = {name: value for name, value in said.items() if value is not None}
    return receive(Request("POST", f"/3/device/{TOKEN}", present, body), NOW)


def test_a_push_is_kept_with_its_headers_and_without_its_credentials() -> None:
    assert received(BODY, authorization="bearer secret") == Delivery("apns", msgspec.Raw(BODY), HEADERS, NOW)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", f"/3/device/{TOKEN}", TOKEN),
        ("POST", f"/3/device/{TOKEN}00AA", f"{TOKEN}00AA"),
        ("GET", f"/3/device/{TOKEN}", Reason("MethodNotAllowed")),
        ("POST", "/2/device/x", Reason("BadPath")),
        ("POST", "/3/device/", Reason("MissingDeviceToken")),
        ("POST", "/3/device/short", Reason("BadDeviceToken")),
        ("POST", f"/3/device/{TOKEN}0", Reason("BadDeviceToken")),
        ("POST", f"/3/device/{TOKEN}/x", Reason("BadDeviceToken")),
    ],
)
def test_the_path_names_the_device(method: str, path: str, found: str | Reason) -> None:
    assert device_token(Request(method, path, {}, b"")) == found


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("apns_topic", None, "MissingTopic"),
        ("apns_topic", "a b", "BadTopic"),
        ("apns_push_type", None, "InvalidPushType"),
        ("apns_push_type", "loud", "InvalidPushType"),
        ("apns_push_type", "background", "BadPriority"),
        ("apns_priority", "7", "BadPriority"),
        ("apns_expiration", "soon", "BadExpirationDate"),
        ("apns_collapse_id", "x" * 65, "BadCollapseId"),
        ("apns_id", "1", "BadMessageId"),
    ],
)
def test_a_wrong_header_has_its_reason(header: str, value: str | None, reason: str) -> None:
    assert received(BODY, **{header: value}) == Reason(reason)


def test_the_largest_payload_is_4096_bytes() -> None:
    around = len(b'{"aps":{"a":""}}')

    assert isinstance(received(b'{"aps":{"a":"%b"}}' % (b"x" * (4096 - around))), Delivery)
    assert received(b'{"aps":{"a":"%b"}}' % (b"x" * (4097 - around))) == Reason("PayloadTooLarge")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"aps":1}', b"[]", b"\xff"])
def test_a_payload_without_aps_is_empty(body: bytes) -> None:
    assert received(body) == Reason("PayloadEmpty")


def test_every_reason_has_one_status() -> None:
    assert len(STATUS_OF) == 32
    assert (STATUS_OF["Unregistered"], STATUS_OF["Shutdown"]) == (410, 503)
