from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from delivery.simulator.fcm_push import IPHONE, Push, Refusal, receive

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
TOKEN = "c-abc:APA91bX"


def received(**message: Any) -> Push | Refusal:
    return receive(msgspec.json.encode({"message": {"token": TOKEN, **message}}), NOW)


def test_a_push_is_kept_without_the_token() -> None:
    push = received(notification={"title": "Hi"}, data={"a": "b"}, android={"notification": {"tag": "t"}})

    assert isinstance(push, Push)
    assert (push.token, push.tag, push.shown) == (TOKEN, "t", True)
    assert TOKEN.encode() not in msgspec.json.encode(push.delivery)
    assert msgspec.json.decode(push.delivery.payload)["data"] == {"a": "b"}


def test_data_alone_is_not_shown() -> None:
    push = received(data={"a": "b"})

    assert isinstance(push, Push)
    assert (push.tag, push.shown) == (None, False)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"token": "a b c d e"}, ""),
        ({"surprise": 1}, "message"),
        ({"data": {"order": 42}}, "message"),
        ({"data": {"from": "me"}}, "message.data"),
        ({"data": {"google.x": "me"}}, "message.data"),
        ({"android": {"ttl": "soon"}}, "message.android.ttl"),
        ({"android": {"priority": "loud"}}, "message"),
        ({"data": {"hark": "x" * 4093}}, "message"),
        ({"notification": {"title": "é" * 1000, "body": "é" * 1100}}, "message"),
    ],
)
def test_a_wrong_push_is_an_invalid_argument_with_its_field(message: dict[str, Any], field: str) -> None:
    refusal = received(**message)

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("INVALID_ARGUMENT", field)


def test_the_largest_payload_is_4096_bytes_of_keys_and_values() -> None:
    assert isinstance(received(data={"hark": "x" * 4092}), Push)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"message":{}}', b"\xff"])
def test_what_is_no_message_is_told(body: bytes) -> None:
    assert isinstance(receive(body, NOW), Refusal)


def to_iphone(**message: Any) -> Push | Refusal:
    return received(**{"token": f"{IPHONE}{TOKEN}", **message})


def test_an_iphone_collapses_by_apples_header_and_shows_the_badge() -> None:
    push = to_iphone(
        notification={"title": "Hi"},
        android={"notification": {"tag": "t"}},
        apns={"headers": {"apns-collapse-id": "c"}, "payload": {"aps": {"badge": 2}}},
    )

    assert isinstance(push, Push)
    assert (push.tag, push.shown, push.badge) == ("c", True, 2)


def test_an_android_phone_hears_nothing_that_is_for_apns() -> None:
    push = received(notification={"title": "Hi"}, apns={"headers": {"apns-collapse-id": "c"}})

    assert isinstance(push, Push)
    assert (push.tag, push.badge) == (None, None)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"apns": {"headers": {"apns-priority": "7"}}}, "message.apns.headers"),
        ({"apns": {"headers": {"apns-push-type": "background", "apns-priority": "10"}}}, "message.apns.headers"),
        ({"apns": {"headers": {"apns-collapse-id": "x" * 65}}}, "message.apns.headers"),
        ({"apns": {"payload": {"aps": {"badge": "3"}}}}, "message"),
        ({"data": {"hark": '"' * 2200}}, "message"),
    ],
)
def test_what_apns_would_not_take_is_refused(message: dict[str, Any], field: str) -> None:
    refusal = to_iphone(**message)

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("INVALID_ARGUMENT", field)
