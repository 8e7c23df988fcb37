from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.apns.payload import LIMIT_BYTES, payload
from delivery.message import Message, Priority
from tests.delivery.sample import PLAIN


def read(message: Message) -> dict[str, Any]:
    return msgspec.json.decode(payload(message), type=dict[str, Any])


def with_changes(**changes: object) -> dict[str, Any]:
    return read(msgspec.structs.replace(PLAIN, **changes))


def test_ios_is_told_what_to_show_and_the_app_where_to_go_on() -> None:
    said = read(PLAIN)
    thread = said["aps"].pop("thread-id")

    assert said == {
        "aps": {
            "alert": {"title": "Shipped", "body": "Your order is on its way"},
            "badge": 3,
            "sound": "default",
            "mutable-content": 1,
        },
        "hark": {"id": "01JD-order-shipped", "seq": 7, "cursor": "7-01JD", "data": {"order": 42}},
    }
    assert len(thread) == 22
    assert PLAIN.user_id not in payload(PLAIN).decode()


@pytest.mark.parametrize(
    ("priority", "level", "sound"),
    [
        ("low", "passive", None),
        ("normal", None, "default"),
        ("high", None, "default"),
        ("critical", "time-sensitive", "default"),
    ],
)
def test_priority_decides_how_much_it_interrupts(priority: Priority, level: str | None, sound: str | None) -> None:
    aps = with_changes(priority=priority)["aps"]

    assert (aps.get("interruption-level"), aps.get("sound")) == (level, sound)


def test_what_is_read_takes_the_badge_away() -> None:
    assert with_changes(unread=0)["aps"]["badge"] == 0


def test_a_message_without_text_shows_nothing() -> None:
    assert with_changes(title="", message="")["aps"] == {"badge": 3, "content-available": 1}


def test_data_goes_first_and_is_missed() -> None:
    said = with_changes(data=msgspec.Raw(b'{"x":"' + b"x" * 4000 + b'"}'))

    assert said["hark"]["data"] == {}
    assert said["hark"]["truncated"] is True
    assert said["aps"]["alert"]["body"] == PLAIN.message


def test_a_long_message_loses_its_end_and_fills_the_rest() -> None:
    long = msgspec.structs.replace(PLAIN, message="é" * 5000)

    assert LIMIT_BYTES - 1 <= len(payload(long)) <= LIMIT_BYTES
    assert set(read(long)["aps"]["alert"]["body"]) == {"é", "…"}


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(ANY_TEXT, ANY_TEXT, st.integers(0, 120), st.integers(0, 120), st.sampled_from([0, 2000]))
def test_whatever_the_text_it_is_json_that_fits(
    title: str, text: str, titles: int, texts: int, data_length: int
) -> None:
    data = msgspec.Raw(msgspec.json.encode({"x": "é" * data_length}))
    message = msgspec.structs.replace(PLAIN, title=title * titles, message=text * texts, data=data)

    assert len(payload(message)) <= LIMIT_BYTES
    assert read(message)["hark"]["id"] == message.notification_id
