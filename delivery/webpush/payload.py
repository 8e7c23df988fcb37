"""What a service worker reads: the message as JSON, cut to what every push service takes. Pure."""

import msgspec

from delivery.clearing import Clearing
from delivery.collapse import collapse_tag
from delivery.cut import Shown, fitted
from delivery.message import Message

# RFC 8030 section 7.2 lets a push service refuse bodies over 4,096 bytes, and they do. RFC 8291 adds
# 103: an 86-byte header (salt, record size, our public key), the padding delimiter and a 16-byte tag.
LIMIT_BYTES = 4096 - 103


class _Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    seq: int
    cursor: str
    title: str
    message: str
    data: msgspec.Raw
    unread: int
    truncated: bool = False
    tag: str | None = None
    """By what a later one takes its place on the screen, where that is not the id."""


class _Clear(msgspec.Struct, frozen=True):
    seqs: list[tuple[int, int]]


class _Cleared(msgspec.Struct, frozen=True):
    clear: _Clear
    unread: int
    head: int


def payload(message: Message) -> bytes:
    """At most LIMIT_BYTES of JSON; `"truncated": true` says that something was left out, to fetch by `id`."""

    def encode(shown: Shown) -> bytes:
        return msgspec.json.encode(
            _Payload(
                id=message.notification_id,
                seq=message.seq,
                cursor=message.cursor,
                title=shown.title,
                message=shown.message,
                data=shown.data,
                unread=message.unread,
                truncated=shown.truncated,
                tag=None if message.collapse_key is None else collapse_tag(message),
            )
        )

    return encode(fitted(message, encode, LIMIT_BYTES))


def clearing_payload(clearing: Clearing) -> bytes:
    """What the service worker is to close."""
    return msgspec.json.encode(_Cleared(_Clear(clearing.seqs), clearing.unread, clearing.head))
