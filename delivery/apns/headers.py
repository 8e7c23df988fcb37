"""What the headers of a push say to APNs (Apple, "Sending notification requests to APNs"). Pure."""

import uuid
from datetime import datetime

from aioapns.common import PushType

from delivery.apple import BACKGROUND_PRIORITY, expiration, is_alert, push_priority
from delivery.collapse import collapse_tag
from delivery.message import Message

_IDS = uuid.UUID("6f8c7a52-6c1c-5c0e-9d0a-2f6f0e3a9b41")


def push_type(message: Message) -> PushType:
    """As `is_alert` says, in the library's word."""
    return PushType.ALERT if is_alert(message) else PushType.BACKGROUND


def clearing_headers(*, topic: str, ttl_s: int, now: datetime) -> dict[str, str]:
    """For what shows nothing. It collapses with nothing: each clears something else."""
    return {
        "apns-topic": topic,
        "apns-push-type": PushType.BACKGROUND.value,
        "apns-priority": BACKGROUND_PRIORITY,
        "apns-expiration": expiration(ttl_s, now),
    }


def headers(message: Message, *, topic: str, device_token: str, now: datetime) -> dict[str, str]:
    """All but the credentials, for a request made at `now`.

    The id is made of notification and device, so that the second copy of a push has the first one's.
    """
    return {
        "apns-topic": topic,
        "apns-push-type": push_type(message).value,
        "apns-priority": push_priority(message),
        "apns-expiration": expiration(message.ttl_s, now),
        "apns-collapse-id": collapse_tag(message),
        "apns-id": str(uuid.uuid5(_IDS, f"{message.notification_id}\0{device_token}")),
    }
