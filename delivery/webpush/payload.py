"""What a service worker reads: the message as JSON, cut to what every push service takes. Pure."""

import msgspec

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
            )
        )

    return encode(fitted(message, encode, LIMIT_BYTES))
