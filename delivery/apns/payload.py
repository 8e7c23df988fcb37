"""What an app gets (Apple, "Generating a remote notification"), cut to what APNs takes. Pure."""

import msgspec

from delivery.apple import Interruption, interruption, is_alert, sound, thread_id
from delivery.clearing import Clearing
from delivery.cut import Shown, fitted
from delivery.message import Message

LIMIT_BYTES = 4096


class _Alert(msgspec.Struct, frozen=True, omit_defaults=True):
    title: str
    body: str = ""


class _Aps(msgspec.Struct, frozen=True, omit_defaults=True, rename="kebab"):
    badge: int
    alert: _Alert | None = None
    sound: str = ""
    thread_id: str = ""
    interruption_level: Interruption = "active"
    mutable_content: int = 0
    content_available: int = 0


class _Hark(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    seq: int
    cursor: str
    data: msgspec.Raw
    truncated: bool = False


class _Clear(msgspec.Struct, frozen=True):
    tags: list[str]
    seqs: list[tuple[int, int]]


class _Cleared(msgspec.Struct, frozen=True):
    clear: _Clear
    unread: int
    head: int


class _Payload(msgspec.Struct, frozen=True):
    aps: _Aps
    hark: _Hark | _Cleared


def payload(message: Message) -> bytes:
    """At most LIMIT_BYTES of JSON: what iOS shows, and under `hark` what the app needs to go on from there.

    `"truncated": true` says that something was left out, to fetch by `id`.
    """

    def encode(shown: Shown) -> bytes:
        aps = _alert(message, shown) if is_alert(message) else _background(message)
        hark = _Hark(message.notification_id, message.seq, message.cursor, shown.data, shown.truncated)
        return msgspec.json.encode(_Payload(aps, hark))

    return encode(fitted(message, encode, LIMIT_BYTES))


def clearing_payload(clearing: Clearing) -> bytes:
    """Wakes the app, which removes from the screen what `hark.clear` names, and sets the badge where iOS does not."""
    aps = _Aps(badge=clearing.unread, content_available=1)
    cleared = _Cleared(_Clear(clearing.tags, clearing.seqs), clearing.unread, clearing.head)
    return msgspec.json.encode(_Payload(aps, cleared))


def _alert(message: Message, shown: Shown) -> _Aps:
    return _Aps(
        badge=message.unread,
        alert=_Alert(shown.title, shown.message),
        sound=sound(message),
        thread_id=thread_id(message.user_id),
        interruption_level=interruption(message),
        mutable_content=1,  # an app's extension may fetch what was left out, and acknowledge
    )


def _background(message: Message) -> _Aps:
    return _Aps(badge=message.unread, content_available=1)
