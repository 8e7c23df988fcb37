"""The message as FCM takes it (Firebase, "REST Resource: projects.messages"), cut to its limit. Pure."""

from collections.abc import Mapping

import msgspec
from firebase_admin import messaging

from delivery.clearing import Clearing
from delivery.collapse import collapse_tag
from delivery.cut import Shown, fitted
from delivery.message import Message, Priority

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


def payload(message: Message, token: str) -> bytes:
    """The request's JSON. Android shows the notification; the app gets `data.hark`, JSON in a string, as FCM wants.

    `"truncated": true` says in there that something was left out, to fetch by `id`.
    """
    shown = fitted(message, lambda shown: _counted(message, shown), LIMIT_BYTES)
    sent = messaging.Message(
        data={"hark": _hark(message, shown).decode()},
        notification=messaging.Notification(shown.title, shown.message) if _visible(message) else None,
        android=_android(message),
    )
    sent.token = token  # not an argument: the library would have installation ids there, which apps do not send yet
    return msgspec.json.encode({"message": _encoded(sent)})


def clearing_payload(clearing: Clearing, token: str) -> bytes:
    """Data alone wakes the app, which removes from the screen what `clear` in `data.hark` names."""
    cleared = _Cleared(_Clear(clearing.tags, clearing.seqs), clearing.unread, clearing.head)
    sent = messaging.Message(
        data={"hark": msgspec.json.encode(cleared).decode()},
        # FCM trusts the next urgent messages less when one shows nothing.
        android=messaging.AndroidConfig(
            collapse_key=_replaces(clearing), priority="normal", ttl=min(clearing.ttl_s, MAX_TTL_S)
        ),
        # For an iPhone that FCM serves: data alone would wait until its app is opened.
        apns=messaging.APNSConfig(
            headers={"apns-push-type": "background", "apns-priority": "5"},
            payload=messaging.APNSPayload(messaging.Aps(content_available=True, badge=clearing.unread)),
        ),
    )
    sent.token = token
    return msgspec.json.encode({"message": _encoded(sent)})


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
        notification=tagged if _visible(message) else None,
    )


def _visible(message: Message) -> bool:
    """A message without any text wakes the app instead."""
    return bool(message.title or message.message)


def _hark(message: Message, shown: Shown) -> bytes:
    hark = _Hark(message.notification_id, message.seq, message.cursor, message.unread, shown.data, shown.truncated)
    return msgspec.json.encode(hark)


def _counted(message: Message, shown: Shown) -> bytes:
    return b"".join((b"titlebodyhark", shown.title.encode(), shown.message.encode(), _hark(message, shown)))


def _encoded(message: messaging.Message) -> Mapping[str, object]:
    # The text that the library gives of a message is the JSON it would send.
    encoded: Mapping[str, object] = msgspec.json.decode(str(message))
    return encoded
