"""Paths as they were sent: split at their slashes first and decoded afterwards (RFC 3986 section 2.4), so that an id
may have any character, and is one segment whatever is in it."""

from typing import ClassVar
from urllib.parse import quote_from_bytes, unquote, unquote_to_bytes

from starlette.convertors import Convertor

from hub.api.problem import not_found


def canonical(raw_path: bytes) -> str:
    """The one spelling of a path: what may stand for itself in a segment does, and all else is percent-encoded."""
    return "/".join(quote_from_bytes(unquote_to_bytes(segment), safe="") for segment in raw_path.split(b"/"))


class Segment(Convertor[str]):
    """A parameter that is one segment of a canonical path, decoded once."""

    regex: ClassVar[str] = "[^/]+"

    def convert(self, value: str) -> str:
        """Raises Problem 404 for what is no text: nobody's id."""
        try:
            return unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise not_found("path") from None

    def to_string(self, value: str) -> str:
        """See starlette.convertors.Convertor."""
        return quote_from_bytes(value.encode(), safe="")
