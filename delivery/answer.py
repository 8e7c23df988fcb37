"""What came back over HTTP, as a value: an answer, or what was lost. What an answer means, each channel knows. Pure."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Literal, TypeVar

import msgspec

from delivery.outcome import Unavailable
from delivery.retry_after import retry_after_s

Body = TypeVar("Body", bound=msgspec.Struct)

DETAIL_LENGTH = 200  # a provider's error is one sentence; a proxy's is a page of HTML


class Answer(msgspec.Struct, frozen=True):
    """A status that arrived, and as much as came after it."""

    status: int
    headers: Mapping[str, str] = {}
    """Names in lower case; of a name that came twice, one value."""
    body: bytes = b""
    """Its beginning; shorter than it was sent when the connection broke on the way."""

    @property
    def passed_on(self) -> bool:
        """Whether a gateway in between gave up on a request that may have reached the provider."""
        return self.status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}

    def wait_s(self, now: datetime) -> float | None:
        """Seconds from `now` (aware) that Retry-After asks for; None when it does not."""
        return retry_after_s(self.headers.get("retry-after"), now)

    def told(self, shape: type[Body]) -> Body:
        """Its body, whose fields all have defaults: those, when it is no such JSON."""
        try:
            return msgspec.json.decode(self.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return shape()

    @property
    def detail(self) -> str:
        """What the body says, on one line and short, for the person who asks why."""
        return storable(self.body.decode(errors="replace"))


class Lost(msgspec.Struct, frozen=True):
    """No status came."""

    how: Literal["no_connection", "timeout", "connection_lost"]

    @property
    def outcome(self) -> Unavailable:
        """Without a connection nothing was sent; else the provider may have accepted it."""
        return Unavailable(self.how, ambiguous=self.how != "no_connection")


def storable(text: str, limit: int = DETAIL_LENGTH) -> str:
    """`text` on one line, with nothing in it that Postgres refuses: a NUL, or half a surrogate pair."""
    words = " ".join(text.split())
    return "".join(character for character in words if character.isprintable())[:limit]
