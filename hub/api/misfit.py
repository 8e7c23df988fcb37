"""What has the grammar of JSON, or nearly, and is still not readable: where it stands. Looked for only when a body
was refused, because `msgspec` tells of it by its place among the bytes, or not at all."""

import json
from collections.abc import Iterable

MOST_BYTES = 128 * 1024  # of the strangest, looking takes 30 milliseconds; nobody who sends more is told where

_HALF = "whole characters: half of a surrogate pair is none"
_NO_NUMBER = "a number: JSON has no NaN and no Infinity"


def find(body: bytes) -> tuple[str, str] | None:
    """The path of the first misfit behind `$`, and what was expected there. None for what is no JSON at all."""
    if len(body) > MOST_BYTES:
        return None
    try:
        return _find(json.loads(body.decode(), parse_float=_as_it_should_be))
    except (ValueError, RecursionError):
        return None


def _find(value: object) -> tuple[str, str] | None:
    match value:
        case float():  # all that are left
            return "", _NO_NUMBER
        case str() if _has_half(value):
            return "", _HALF
        case dict() if any(map(_has_half, value)):
            return "", _HALF
        case dict():
            return _first((f".{name}", one) for name, one in value.items() if isinstance(one, _TELLING))
        case list():
            return _first((f"[{number}]", one) for number, one in enumerate(value) if isinstance(one, _TELLING))
    return None


_TELLING = (float, str, dict, list)


def _first(members: Iterable[tuple[str, object]]) -> tuple[str, str] | None:
    for step, one in members:
        if (found := _find(one)) is not None:
            return step + found[0], found[1]
    return None


def _has_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _as_it_should_be(_: str) -> int:
    """Of a number with a fraction, the only ones that are not read as an integer; what is no number is a float."""
    return 0
