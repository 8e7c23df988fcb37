"""What an iPhone hears by FCM is what it would hear by APNs."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.apns import headers as apns_headers
from delivery.apns import payload as apns_payload
from delivery.clearing import Clearing, Past
from delivery.fcm.payload import clearing_payload, payload
from delivery.message import Message, Priority, Target
from delivery.simulator.apns_push import MAX_PAYLOAD_BYTES
from tests.delivery.sample import PLAIN

NOW = datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)
IPHONE = Target("fcm", "token:1", platform="ios")
NOT_FCMS = {"apns-topic", "apns-id"}  # the app's, and the message's, which FCM has itself
SENT_AT = int(NOW.timestamp())


def of(**changes: object) -> dict[str, Any]:
    return read(payload(msgspec.structs.replace(PLAIN, **changes), IPHONE, NOW))


def read(body: bytes) -> dict[str, Any]:
    return msgspec.json.decode(body, type=dict[str, dict[str, Any]])["message"]


def by_apns(message: Message) -> tuple[dict[str, Any], dict[str, str]]:
    """`aps` and headers."""
    said = apns_headers.headers(message, topic="com.example.shop", device_token="ab" * 32, now=NOW)
    headers = {name: value for name, value in said.items() if name not in NOT_FCMS}
    return msgspec.json.decode(apns_payload.payload(message))["aps"], headers


def test_it_is_told_what_to_show_by_fcm_and_how_by_us() -> None:
    said = of()
    thread = said["apns"]["payload"]["aps"].pop("thread-id")

    assert said["notification"] == {"title": "Shipped", "body": "Your order is on its way"}
    assert said["apns"] == {
        "headers": {
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": str(SENT_AT + 600),
            "apns-collapse-id": "01JD-order-shipped",
        },
        "payload": {"aps": {"badge": 3, "sound": "default", "mutable-content": 1}},
    }
    assert len(thread) == 22
    assert "android" not in said


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"unread": 0},
        {"ttl_s": 0},
        {"collapse_key": "order-42"},
        {"notification_id": "x" * 65},
        {"title": "", "message": ""},
        {"title": "", "message": "", "priority": "critical"},
        *({"priority": priority} for priority in ("low", "high", "critical")),
    ],
    ids=str,
)
def test_it_hears_the_same_as_by_apns_itself(changes: dict[str, Any]) -> None:
    message = msgspec.structs.replace(PLAIN, **changes)
    aps, headers = by_apns(message)
    alert = aps.pop("alert", None)
    said = of(**changes)

    assert said["apns"] == {"headers": headers, "payload": {"aps": aps}}
    assert said.get("notification") == alert


@pytest.mark.parametrize(
    ("priority", "said", "sound"),
    [("low", "5", None), ("normal", "10", "default"), ("high", "10", "default"), ("critical", "10", "default")],
)
def test_low_waits_and_makes_no_sound(priority: Priority, said: str, sound: str | None) -> None:
    apns = of(priority=priority)["apns"]

    assert (apns["headers"]["apns-priority"], apns["payload"]["aps"].get("sound")) == (said, sound)


def test_a_clearing_is_the_background_push_that_apns_would_bring() -> None:
    told = Clearing("ada", [Past(7, "a")], 2, 9, 600)
    said = read(clearing_payload(told, IPHONE, NOW))
    headers = apns_headers.clearing_headers(topic="com.example.shop", ttl_s=600, now=NOW)
    by_apns = msgspec.json.decode(apns_payload.clearing_payload(told))

    assert said["apns"]["headers"] == {name: value for name, value in headers.items() if name not in NOT_FCMS}
    assert said["apns"]["payload"]["aps"] == by_apns["aps"]
    assert msgspec.json.decode(said["data"]["hark"]) == by_apns["hark"]
    assert not {"notification", "android"} & set(said)


def test_an_android_phone_is_told_nothing_for_apns() -> None:
    android = msgspec.structs.replace(IPHONE, platform="android")

    assert "apns" not in read(payload(PLAIN, android, NOW))


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@given(ANY_TEXT, ANY_TEXT, st.integers(1, 120), st.integers(1, 120), st.sampled_from([0, 2000]))
def test_whatever_the_text_apns_takes_what_fcm_makes_of_it(
    title: str, text: str, titles: int, texts: int, data_length: int
) -> None:
    data = msgspec.Raw(msgspec.json.encode({"x": '"' * data_length}))
    said = of(title=title * titles, message=text * texts, data=data)
    aps = said["apns"]["payload"]["aps"] | {"alert": said["notification"]}

    assert len(msgspec.json.encode({"aps": aps, **said["data"]})) <= MAX_PAYLOAD_BYTES - 200
