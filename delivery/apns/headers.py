"""What the headers of a push say to APNs (Apple, "Sending notification requests to APNs"). Pure."""

import uuid
from datetime import datetime

from aioapns.common import PRIORITY_HIGH, PRIORITY_NORMAL, PushType

from delivery.collapse import collapse_tag
from delivery.message import Message, Priority

# 10: at once. 5: when the device's power allows, which may be an hour later: not for what a person is to see.
_PRIORITY: dict[Priority, str] = {
    "low": PRIORITY_NORMAL,
    "normal": PRIORITY_HIGH,
    "high": PRIORITY_HIGH,
    "critical": PRIORITY_HIGH,
}

_IDS = uuid.UUID("6f8c7a52-6c1c-5c0e-9d0a-2f6f0e3a9b41")


def push_type(message: Message) -> PushType:
    """Something to show is an alert; a message without any text wakes the app instead."""
    return PushType.ALERT if message.title or message.message else PushType.BACKGROUND


def clearing_headers(*, topic: str, ttl_s: int, now: datetime) -> dict[str, str]:
    """For what shows nothing. It collapses with nothing: each clears something else."""
    return {
        "apns-topic": topic,
        "apns-push-type": PushType.BACKGROUND.value,
        "apns-priority": PRIORITY_NORMAL,
        "apns-expiration": str(int(now.timestamp()) + ttl_s),
    }


def headers(message: Message, *, topic: str, device_token: str, now: datetime) -> dict[str, str]:
    """All but the credentials, for a request made at `now`.

    The id is made of notification and device, so that the second copy of a push has the first one's.
    """
    kind = push_type(message)
    return {
        "apns-topic": topic,
        "apns-push-type": kind.value,
        # For background pushes 10 is an error, and 5 is what Apple asks for.
        "apns-priority": _PRIORITY[message.priority] if kind is PushType.ALERT else PRIORITY_NORMAL,
        "apns-expiration": str(int(now.timestamp()) + message.ttl_s if message.ttl_s > 0 else 0),
        "apns-collapse-id": collapse_tag(message),
        "apns-id": str(uuid.uuid5(_IDS, f"{message.notification_id}\0{device_token}")),
    }
