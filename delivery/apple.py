"""What an iPhone is told whoever brings it, APNs or FCM (Apple, "Generating a remote notification" and "Sending
notification requests to APNs"). Pure."""

import hashlib
from datetime import datetime
from typing import Literal

from delivery import base64url
from delivery.message import Message, Priority

Interruption = Literal["passive", "active", "time-sensitive"]
PushPriority = Literal["5", "10"]

# Time-sensitive breaks through a Focus; Apple's own "critical" would need an entitlement that few apps get.
_INTERRUPTION: dict[Priority, Interruption] = {
    "low": "passive",
    "normal": "active",
    "high": "active",
    "critical": "time-sensitive",
}

# 10: at once. 5: when the device's power allows, which may be an hour later: not for what a person is to see.
_PRIORITY: dict[Priority, PushPriority] = {"low": "5", "normal": "10", "high": "10", "critical": "10"}

BACKGROUND_PRIORITY: PushPriority = "5"  # 10 is an error there

_THREAD_LENGTH = 22  # 128 bits


def is_alert(message: Message) -> bool:
    """Something to show is an alert; a message without any text wakes the app instead."""
    return bool(message.title or message.message)


def push_priority(message: Message) -> PushPriority:
    """The message's `apns-priority`."""
    return _PRIORITY[message.priority] if is_alert(message) else BACKGROUND_PRIORITY


def expiration(ttl_s: int, now: datetime) -> str:
    """The `apns-expiration` of what is sent at `now`: seconds since 1970, or "0" for now or never."""
    return str(int(now.timestamp()) + ttl_s if ttl_s > 0 else 0)


def sound(message: Message) -> str:
    """An alert's; empty: none."""
    return "" if message.priority == "low" else "default"


def interruption(message: Message) -> Interruption:
    """How much an alert interrupts whoever holds the phone."""
    return _INTERRUPTION[message.priority]


def thread_id(user_id: str) -> str:
    """Groups what one user got on a device that several share; hashed, for it tells Apple who that is otherwise."""
    return base64url.encode(hashlib.sha256(user_id.encode()).digest())[:_THREAD_LENGTH]
