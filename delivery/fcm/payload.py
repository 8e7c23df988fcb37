"""The message as FCM takes it (Firebase, "REST Resource: projects.messages"), cut to its limit. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from firebase_admin import messaging

from delivery.apple import is_alert
from delivery.clearing import Clearing
from delivery.collapse import collapse_tag
from delivery.cut import Shown, fitted
from delivery.fcm import iphone
from delivery.message import Message, Priority, Target

# 4,096 bytes of keys and values. What else counts (the tag, the collapse key) is nowhere written, so room is left.
LIMIT_BYTES = 4096 - 160

MAX_TTL_S = 2_419_200  # four weeks

_PRIORITY: dict[Priority, str] = {"low": "normal", "normal": "high", "high": "high", "critical": "high"}


class _Hark(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    seq: int
    cursor: str
    unread: int
    data: msgspec.Raw
    truncated: bool = False


class _Clear(msgspec.Struct, frozen=True):
    tags: list[str]
    seqs: list[tuple[int, int]]


class _Cleared(msgspec.Struct, frozen=True):
    clear: _Clear
    unread: int
    head: int


def payload(message: Message, target: Target, now: datetime) -> bytes:
    """The request's JSON. The phone shows the notification; the app gets `data.hark`, JSON in a string, as FCM wants.

    `"truncated": true` says in there that something was left out, to fetch by `id`.
    """
    is_iphone = target.platform == "ios"
    count, limit_bytes = (_counted_by_apns, iphone.LIMIT_BYTES) if is_iphone else (_counted, LIMIT_BYTES)
    shown = fitted(message, lambda shown: count(message, shown), limit_bytes)
    sent = messaging.Message(
        data={"hark": _hark(message, shown).decode()},
        notification=messaging.Notification(shown.title, shown.message) if is_alert(message) else None,
        android=None if is_iphone else _android(message),
        apns=iphone.config(message, now) if is_iphone else None,
    )
    return _encoded(sent, target)


def clearing_payload(clearing: Clearing, target: Target, now: datetime) -> bytes:
    """Data alone wakes the app, which removes from the screen what `clear` in `data.hark` names."""
    cleared = _Cleared(_Clear(clearing.tags, clearing.seqs), clearing.unread, clearing.head)
    is_iphone = target.platform == "ios"
    sent = messaging.Message(
        data={"hark": msgspec.json.encode(cleared).decode()},
        android=None if is_iphone else _android_clearing(clearing),
        apns=iphone.clearing_config(clearing, now) if is_iphone else None,
    )
    return _encoded(sent, target)


def _android_clearing(clearing: Clearing) -> messaging.AndroidConfig:
    # FCM trusts the next urgent messages less when one shows nothing.
    return messaging.AndroidConfig(
        collapse_key=_replaces(clearing), priority="normal", ttl=min(clearing.ttl_s, MAX_TTL_S)
    )


def _replaces(clearing: Clearing) -> str | None:
    """What waits at FCM for a phone that is away and need not be shown first, when the sender gave it a key."""
    alone = clearing.past[0] if len(clearing.past) == 1 else None
    return clearing.tags[0] if alone is not None and alone.collapse_key is not None else None


def _android(message: Message) -> messaging.AndroidConfig:
    tagged = messaging.AndroidNotification(tag=collapse_tag(message), notification_count=message.unread)
    return messaging.AndroidConfig(
        # FCM keeps four of a device's, so only who asked for one gets one; on the screen the tag replaces.
        collapse_key=collapse_tag(message) if message.collapse_key is not None else None,
        priority=_PRIORITY[message.priority],
        ttl=min(max(message.ttl_s, 0), MAX_TTL_S),
        notification=tagged if is_alert(message) else None,
    )


def _hark(message: Message, shown: Shown) -> bytes:
    hark = _Hark(message.notification_id, message.seq, message.cursor, message.unread, shown.data, shown.truncated)
    return msgspec.json.encode(hark)


def _counted(message: Message, shown: Shown) -> bytes:
    return b"".join((b"titlebodyhark", shown.title.encode(), shown.message.encode(), _hark(message, shown)))


def _counted_by_apns(message: Message, shown: Shown) -> bytes:
    return iphone.counted(message, shown, _hark(message, shown))


def _encoded(message: messaging.Message, target: Target) -> bytes:
    # Not an argument: the library would have installation ids there, which apps do not send yet.
    message.token = target.address
    # The text that the library gives of a message is the JSON it would send.
    encoded: Mapping[str, object] = msgspec.json.decode(str(message))
    return msgspec.json.encode({"message": encoded})
