from datetime import UTC, datetime

import msgspec
import pytest

from delivery.simulator.card import Card, card
from delivery.simulator.deliveries import Delivery

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "payload", "words"),
    [
        ("webpush", {"title": "Shipped", "message": "On its way"}, ("Shipped", "On its way")),
        ("webpush", {"title": "Shipped", "body": "On its way"}, ("Shipped", "On its way")),
        ("webpush", "just text", ("", "just text")),
        ("apns", {"aps": {"alert": {"title": "Shipped", "body": "On its way"}}}, ("Shipped", "On its way")),
        ("apns", {"aps": {"alert": "On its way"}}, ("", "On its way")),
        ("fcm", {"notification": {"title": "Shipped", "body": "On its way"}}, ("Shipped", "On its way")),
        ("email", {"subject": "Shipped", "text": "On its way", "html": None}, ("Shipped", "On its way")),
        ("sms", {"to": "+15005550006", "body": "On its way"}, ("", "On its way")),
        ("webpush", [1, 2], ("", "[1,2]")),
        ("apns", {"hark": 1}, ("", '{"hark":1}')),
    ],
)
def test_every_channel_has_its_words(channel: str, payload: object, words: tuple[str, str]) -> None:
    assert card(Delivery(channel, msgspec.Raw(msgspec.json.encode(payload)), {}, NOW)) == Card(*words, NOW)
