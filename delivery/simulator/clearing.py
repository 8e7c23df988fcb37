"""What apps and service workers do when they are told to show something no more, as docs/delivery.md asks. Pure.

An iPhone and a browser know the number of the entry that they show, an Android phone its tag only.
"""

from typing import TypeVar

import msgspec


class _Clear(msgspec.Struct, frozen=True):
    tags: list[str] = []
    seqs: list[tuple[int, int]] = []


class Told(msgspec.Struct, frozen=True):
    """A device was told this of what it shows."""

    clear: _Clear
    unread: int
    head: int


class _Shown(msgspec.Struct, frozen=True):
    seq: int


class _Ios(msgspec.Struct, frozen=True):
    hark: msgspec.Raw


class _Data(msgspec.Struct, frozen=True):
    hark: str


class _Android(msgspec.Struct, frozen=True):
    data: _Data


_Part = TypeVar("_Part", Told, _Shown)


def told(channel: str, payload: msgspec.Raw) -> Told | None:
    """What a message says of others; None: it is one to be shown, or another app's affair."""
    return _read(channel, payload, Told)


def is_over(told: Told, key: str, channel: str, payload: msgspec.Raw) -> bool:
    """Whether a message that is shown is to go; `key` is what it would be replaced by."""
    if channel == "fcm":
        return key in told.clear.tags
    known = _read(channel, payload, _Shown)
    if known is None:
        return False
    nothing_is_left = told.unread == 0 and known.seq <= told.head
    return nothing_is_left or any(first <= known.seq <= last for first, last in told.clear.seqs)


def _read(channel: str, payload: msgspec.Raw, part: type[_Part]) -> _Part | None:
    try:
        return msgspec.json.decode(_of_hark(channel, payload), type=part)
    except msgspec.DecodeError:
        return None


def _of_hark(channel: str, payload: msgspec.Raw) -> bytes:
    """As much of it as the app is given by Hark. Raises DecodeError."""
    match channel:
        case "apns":
            return bytes(msgspec.json.decode(payload, type=_Ios).hark)
        case "fcm":
            return msgspec.json.decode(payload, type=_Android).data.hark.encode()
        case _:
            return bytes(payload)
