"""What a service worker reads: the message as JSON, cut to what every push service takes. Pure."""

from bisect import bisect_right
from typing import Literal

import msgspec

from delivery.message import Message

# RFC 8030 section 7.2 lets a push service refuse bodies over 4,096 bytes, and they do. RFC 8291 adds
# 103: an 86-byte header (salt, record size, our public key), the padding delimiter and a 16-byte tag.
LIMIT_BYTES = 4096 - 103

_NO_DATA = msgspec.Raw(b"{}")


class _Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    seq: int
    cursor: str
    title: str
    message: str
    data: msgspec.Raw
    unread: int
    truncated: bool = False


def payload(message: Message) -> bytes:
    """At most LIMIT_BYTES of JSON; `"truncated": true` says that something was left out, to fetch by `id`.

    Data goes first, for a page can fetch it, then the end of the message, then that of the title.
    The fixed fields are ours and short, so that what remains always fits.
    """
    shown = _Shown(
        id=message.notification_id,
        seq=message.seq,
        cursor=message.cursor,
        title=message.title,
        message=message.message,
        data=message.data,
        unread=message.unread,
    )
    if not _fits(shown):
        shown = msgspec.structs.replace(shown, data=_NO_DATA, truncated=True)
    for field in ("message", "title"):
        if not _fits(shown):
            shown = _shortened(shown, field)
    return msgspec.json.encode(shown)


def _fits(shown: _Shown) -> bool:
    return _size(shown) <= LIMIT_BYTES


def _size(shown: _Shown) -> int:
    # Measured, never computed: how long a character is depends on UTF-8 and on what JSON must escape.
    return len(msgspec.json.encode(shown))


def _shortened(shown: _Shown, field: Literal["message", "title"]) -> _Shown:
    """With the longest beginning of `field` that fits, or an ellipsis alone when none does."""
    text: str = getattr(shown, field)

    def cut(kept: int) -> _Shown:
        return msgspec.structs.replace(shown, **{field: text[:kept].rstrip() + "…"})

    fitting = bisect_right(range(len(text)), LIMIT_BYTES, key=lambda kept: _size(cut(kept)))
    return cut(max(fitting - 1, 0))
