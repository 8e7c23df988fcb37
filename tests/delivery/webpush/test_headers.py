import re

import msgspec
import pytest

from delivery.message import Priority
from delivery.webpush.headers import headers, ttl_s
from delivery.webpush.push_services import Origin
from tests.delivery.sample import PLAIN

GOOGLE = Origin("https", "fcm.googleapis.com", 443)
MICROSOFT = Origin("https", "wns2-pn1p.notify.windows.com", 443)


@pytest.mark.parametrize(
    ("priority", "urgency"), [("low", "low"), ("normal", "normal"), ("high", "high"), ("critical", "high")]
)
def test_urgency_follows_priority(priority: Priority, urgency: str) -> None:
    assert headers(msgspec.structs.replace(PLAIN, priority=priority), GOOGLE)["urgency"] == urgency


def test_a_notification_has_one_topic_in_the_allowed_letters() -> None:
    topic = headers(PLAIN, GOOGLE)["topic"]

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", topic)
    assert headers(msgspec.structs.replace(PLAIN, seq=8, title="New"), GOOGLE)["topic"] == topic
    assert headers(msgspec.structs.replace(PLAIN, notification_id="other"), GOOGLE)["topic"] != topic


@pytest.mark.parametrize(("asked", "sent"), [(600, 600), (0, 0), (-5, 0), (10**8, 2_419_200)])
def test_the_ttl_is_one_that_every_service_takes(asked: int, sent: int) -> None:
    assert ttl_s(msgspec.structs.replace(PLAIN, ttl_s=asked)) == sent


@pytest.mark.parametrize(("ttl", "policy"), [(600, "cache"), (0, "no-cache")])
def test_microsofts_service_is_told_what_the_ttl_says_again(ttl: int, policy: str) -> None:
    message = msgspec.structs.replace(PLAIN, ttl_s=ttl)

    assert headers(message, MICROSOFT)["x-wns-cache-policy"] == policy
    assert "x-wns-cache-policy" not in headers(message, GOOGLE)
