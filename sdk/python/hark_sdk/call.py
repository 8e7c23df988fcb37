"""A request as a value: what the clients send, each over its own transport, and what they make of the answer."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from hark_sdk.errors import NoAnswer, UnexpectedAnswer, refusal

T = TypeVar("T")
ROOT = "/api/v1"


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One request. Sending it twice does no more than sending it once, unless it is not `repeatable`."""

    method: str
    path: str
    answer: Callable[[bytes], T]
    body: object = None
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    waits_s: float = 0.0  # that the hub takes on purpose
    repeatable: bool = True

    @property
    def content(self) -> bytes | None:
        """The body as JSON."""
        return None if self.body is None else msgspec.json.encode(self.body)

    def read(self, response: httpx.Response) -> T:
        """What the answer says. Raises Refused, and UnexpectedAnswer for what no hub answers."""
        if response.status_code >= 400:
            raise refusal(response.status_code, response.content, response.headers.get("retry-after"))
        if response.status_code >= 300:
            raise UnexpectedAnswer(f"{self.method} {self.path}: {response.status_code}, somewhere else")
        try:
            return self.answer(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnexpectedAnswer(f"{self.method} {self.path}: {response.status_code}, {error}") from None


def decoded(shape: type[T]) -> Callable[[bytes], T]:
    """Reads JSON; fields that a later hub adds are passed over."""
    return msgspec.json.Decoder(shape).decode


def nothing(_: bytes) -> None:
    """Reads an answer that is empty."""


def path(*parts: str) -> str:
    """A path of the API; each part is one segment, whatever is in it. Raises ValueError for what would name another
    path: nothing, or a segment that URLs take for a step (RFC 3986 section 5.2.4)."""
    for part in parts:
        if part in {"", ".", ".."}:
            raise ValueError(f"expected an id or a name, not {part!r}")
    return "/".join([ROOT, *(quote(part, safe="") for part in parts)])


def given(**values: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def query(**values: Any) -> dict[str, str]:
    """Those that are not None, as texts."""
    return {name: str(value) for name, value in given(**values).items()}


def lost(error: httpx.TransportError) -> NoAnswer:
    """The error that a broken connection is."""
    unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return NoAnswer(f"{type(error).__name__} {error}".strip(), unsent=unsent)
