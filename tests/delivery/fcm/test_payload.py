from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.fcm.payload import LIMIT_BYTES, payload
from delivery.message import Message, Priority, Target
from tests.delivery.sample import PLAIN

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ANDROID = Target("fcm", "token:1", platform="android")


def read(message: Message) -> dict[str, Any]:
    return msgspec.json.decode(payload(message, ANDROID, NOW), type=dict[str, dict[str, Any]])["message"]


def of(**changes: object) -> dict[str, Any]:
    return read(msgspec.structs.replace(PLAIN, **changes))


def hark(said: dict[str, Any]) -> dict[str, Any]:
    return msgspec.json.decode(said["data"]["hark"], type=dict[str, Any])


def test_android_is_told_what_to_show_and_the_app_where_to_go_on() -> None:
    said = read(PLAIN)

    assert hark(said) == {
        "id": "01JD-order-shipped",
        "seq": 7,
        "cursor": "7-01JD",
        "unread": 3,
        "data": {"order": 42},
    }
    del said["data"]
    assert said == {
        "token": "token:1",
        "notification": {"title": "Shipped", "body": "Your order is on its way"},
        "android": {
            "priority": "high",
            "ttl": "600s",
            "notification": {"tag": "01JD-order-shipped", "notification_count": 3},
        },
    }


@pytest.mark.parametrize(
    ("priority", "said"), [("low", "normal"), ("normal", "high"), ("high", "high"), ("critical", "high")]
)
def test_priority_is_one_of_two(priority: Priority, said: str) -> None:
    assert of(priority=priority)["android"]["priority"] == said


@pytest.mark.parametrize(("asked", "said"), [(0, "0s"), (-5, "0s"), (10**8, "2419200s")])
def test_the_ttl_is_one_that_fcm_takes(asked: int, said: str) -> None:
    assert of(ttl_s=asked)["android"]["ttl"] == said


def test_only_a_senders_own_key_collapses_in_the_queue() -> None:
    said = of(collapse_key="order-42")["android"]

    assert said["collapse_key"] == said["notification"]["tag"]
    assert said["notification"]["tag"] != of(collapse_key="order-42", user_id="bob")["android"]["notification"]["tag"]


def test_a_message_without_text_wakes_the_app_and_shows_nothing() -> None:
    said = of(title="", message="")

    assert "notification" not in said
    assert "notification" not in said["android"]
    assert hark(said)["id"] == PLAIN.notification_id


def size(said: dict[str, Any]) -> int:
    """As Firebase counts: keys and values."""
    counted = {**said["data"], **said["notification"]}
    return sum(len(key.encode()) + len(value.encode()) for key, value in counted.items())


def test_data_goes_first_and_is_missed() -> None:
    said = of(data=msgspec.Raw(b'{"x":"' + b"x" * 4000 + b'"}'))

    assert (hark(said)["data"], hark(said)["truncated"]) == ({}, True)
    assert said["notification"]["body"] == PLAIN.message


def test_a_long_message_loses_its_end_and_fills_the_rest() -> None:
    said = of(message="é" * 5000)

    assert LIMIT_BYTES - 1 <= size(said) <= LIMIT_BYTES
    assert set(said["notification"]["body"]) == {"é", "…"}


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@given(ANY_TEXT, ANY_TEXT, st.integers(1, 120), st.integers(1, 120), st.sampled_from([0, 2000]))
def test_whatever_the_text_it_fits(title: str, text: str, titles: int, texts: int, data_length: int) -> None:
    data = msgspec.Raw(msgspec.json.encode({"x": '"' * data_length}))

    assert size(of(title=title * titles, message=text * texts, data=data)) <= LIMIT_BYTES
