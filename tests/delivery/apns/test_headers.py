import re
from datetime import UTC, datetime

import msgspec
import pytest

from delivery.apns.headers import headers
from delivery.message import Message, Priority
from tests.delivery.sample import PLAIN

NOW = datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)


def of(device_token: str = "ab" * 32, **changes: object) -> dict[str, str]:
    message: Message = msgspec.structs.replace(PLAIN, **changes)
    return headers(message, topic="com.example.shop", device_token=device_token, now=NOW)


def test_a_message_to_show_is_an_alert_for_the_app() -> None:
    said = of()

    assert (said["apns-topic"], said["apns-push-type"]) == ("com.example.shop", "alert")
    assert said["apns-expiration"] == str(int(NOW.timestamp()) + 600)


@pytest.mark.parametrize(("priority", "said"), [("low", "5"), ("normal", "10"), ("high", "10"), ("critical", "10")])
def test_priority_is_one_of_apples(priority: Priority, said: str) -> None:
    assert of(priority=priority)["apns-priority"] == said


def test_a_message_without_text_wakes_the_app() -> None:
    said = of(title="", message="", priority="critical")

    assert (said["apns-push-type"], said["apns-priority"]) == ("background", "5")


def test_now_or_never_is_not_stored() -> None:
    assert of(ttl_s=0)["apns-expiration"] == "0"


def test_the_collapse_id_is_the_notifications_own() -> None:
    assert of()["apns-collapse-id"] == PLAIN.notification_id


@pytest.mark.parametrize("changes", [{"notification_id": "x" * 65}, {"notification_id": "é"}, {"collapse_key": "k"}])
def test_any_other_collapse_id_is_hashed_into_64_plain_characters(changes: dict[str, str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", of(**changes)["apns-collapse-id"])


def test_what_has_the_same_collapse_key_replaces_for_the_same_user_only() -> None:
    first = of(collapse_key="order-42", notification_id="1")
    second = of(collapse_key="order-42", notification_id="2")

    assert first["apns-collapse-id"] == second["apns-collapse-id"]
    assert of(collapse_key="order-42", user_id="bob")["apns-collapse-id"] != first["apns-collapse-id"]


def test_a_second_copy_has_the_id_of_the_first() -> None:
    first = of()["apns-id"]

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first)
    assert of(unread=9)["apns-id"] == first
    assert first not in {of(notification_id="2")["apns-id"], of("cd" * 32)["apns-id"]}
