"""What has the grammar of JSON, or nearly, and is still not readable: where it stands. Looked for only when a body
was refused, because `msgspec` tells of it by its place among the bytes, or not at all."""

import json

MOST_BYTES = 256 * 1024  # it takes ten milliseconds; nobody who sends more of it is told where

_HALF = "whole characters: half of a surrogate pair is none"
_NO_NUMBER = "a number: JSON has no NaN and no Infinity"


def find(body: bytes) -> tuple[str, str] | None:
    """The path of the first misfit behind `$`, and what was expected there. None for what is no JSON at all."""
    if len(body) > MOST_BYTES:
        return None
    try:
        return _find(json.loads(body.decode(), parse_int=_nothing, parse_float=_nothing), "")
    except (ValueError, RecursionError):
        return None


def _find(value: object, path: str) -> tuple[str, str] | None:
    match value:
        case float():  # all that are left
            return path, _NO_NUMBER
        case str() if _has_half(value):
            return path, _HALF
        case dict() if any(map(_has_half, value)):
            return path, _HALF
        case dict():
            members = ((f"{path}.{name}", one) for name, one in value.items())
        case list():
            members = ((f"{path}[{number}]", one) for number, one in enumerate(value))
        case _:
            return None
    return next((found for at, one in members if (found := _find(one, at)) is not None), None)


def _has_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _nothing(_: str) -> None:
    """Numbers are as they should be."""
