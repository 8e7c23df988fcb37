"""A message cut to what a provider carries. Pure: the channel says how it is encoded and how long it may be."""

from bisect import bisect_right
from collections.abc import Callable

import msgspec

from delivery.message import Message

_NO_DATA = msgspec.Raw(b"{}")


class Shown(msgspec.Struct, frozen=True):
    """What a device shows of a message, and what it gives the app."""

    title: str
    message: str
    data: msgspec.Raw
    truncated: bool = False
    """Something was left out, to be fetched by the notification's id."""


def fitted(message: Message, encode: Callable[[Shown], bytes], limit_bytes: int) -> Shown:
    """What is encoded in at most `limit_bytes`, provided that what `encode` adds is short.

    Data goes first, for an app can fetch it, then the end of the message, then that of the title. Lengths are
    measured, never computed: how long a character is depends on UTF-8 and on what JSON must escape.
    """
    shown = Shown(message.title, message.message, message.data, truncated=message.withheld)
    if len(encode(shown)) <= limit_bytes:
        return shown
    bare = msgspec.structs.replace(shown, data=_NO_DATA, truncated=True)
    return bare if len(encode(bare)) <= limit_bytes else _shortened(bare, encode, limit_bytes)


def _shortened(shown: Shown, encode: Callable[[Shown], bytes], limit_bytes: int) -> Shown:
    def message_cut(kept: int) -> Shown:
        return msgspec.structs.replace(shown, message=_beginning(shown.message, kept))

    def title_cut(kept: int) -> Shown:
        return msgspec.structs.replace(message_cut(0), title=_beginning(shown.title, kept))

    def longest(cut: Callable[[int], Shown], length: int) -> int:
        return bisect_right(range(length), limit_bytes, key=lambda kept: len(encode(cut(kept)))) - 1

    kept = longest(message_cut, len(shown.message))
    return message_cut(kept) if kept >= 0 else title_cut(max(longest(title_cut, len(shown.title)), 0))


def _beginning(text: str, kept: int) -> str:
    return text[:kept].rstrip() + "…" if text else ""
