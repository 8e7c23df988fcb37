"""Parameters as values: what a handler reads is what the document says."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec
from starlette.requests import Request

from delivery import base64url
from hub.api.body import query_int, query_name
from hub.api.problem import invalid

Place = TypeVar("Place")


class IntParameter(msgspec.Struct, frozen=True, kw_only=True):
    """An integer in the query string."""

    name: str
    default: int
    low: int
    high: int
    description: str
    required: bool = False

    def read(self, request: Request) -> int:
        """Raises Problem outside [low, high]."""
        return query_int(request, self.name, default=self.default, low=self.low, high=self.high)

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high, "default": self.default}


class TextParameter(msgspec.Struct, frozen=True, kw_only=True):
    """A text in the query string or in a header."""

    name: str
    description: str
    required: bool = False
    pattern: str | None = None
    values: Sequence[str] = ()  # the only ones

    def read(self, request: Request) -> str:
        """That of the query string, empty when absent. Raises Problem for what Postgres cannot store."""
        return query_name(request, self.name, self.description)

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        rules = {"pattern": self.pattern, "enum": self.values}
        return {"type": "string", **{name: rule for name, rule in rules.items() if rule}}


class BoolParameter(msgspec.Struct, frozen=True, kw_only=True):
    """`true` or `false` in the query string; false when absent."""

    name: str
    description: str
    required: bool = False

    def read(self, request: Request) -> bool:
        """Raises Problem for anything else."""
        text = request.query_params.get(self.name, "false")
        if text not in {"true", "false"}:
            raise invalid(self.name, "true or false")
        return text == "true"

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {"type": "boolean", "default": False}


Parameter: TypeAlias = IntParameter | TextParameter | BoolParameter

BEFORE = TextParameter(name="before", description="the `next` of the page before")
ARCHIVED = BoolParameter(name="archived", description="Only the archived entries; else they are left out.")


def page_limit(default: int, high: int) -> IntParameter:
    """How long a page may be."""
    return IntParameter(name="limit", default=default, low=1, high=high, description="How many at most.")


def next_of(place: object) -> str:
    """What the answer says as `next`: where a list goes on."""
    return base64url.encode(msgspec.json.encode(place))


def read_before(request: Request, start: Place, shape: type[Place]) -> Place:
    """The place in BEFORE, or `start`. Raises Problem for what no answer of ours said."""
    text = request.query_params.get(BEFORE.name)
    if text is None:
        return start
    try:
        return msgspec.json.decode(base64url.decode(text), type=shape)
    except ValueError:
        raise invalid(BEFORE.name, BEFORE.description) from None
