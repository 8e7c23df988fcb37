"""What a route says about itself beyond its path, its methods and its guard: kept beside its handler, read by
`hub.api.openapi` when somebody asks for the document, and by nobody else."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from hub.api.query import Parameter
from hub.api.shapes import Shape

Handler = TypeVar("Handler", bound=Callable[..., Any])

_KEY = "hub.api.operation"
_SECURITY = "hub.api.security"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Path parameters, the guard's refusals and the shape of refusals are known without it."""

    summary: str
    body: Shape = None
    example: object = None  # a body that is accepted as it stands
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    answers: Mapping[int, Shape]
    parts: Sequence[Shape] = ()  # of answers, where their own type does not name them
    answer_headers: Sequence[str] = ()  # names in hub.api.openapi's list
    refusals: Sequence[int] = ()


class Security(msgspec.Struct, frozen=True):
    """Who may call, by what, and what a caller hears who may not."""

    scheme: str
    refusals: Sequence[int]


def operation(
    summary: str,
    *,
    answers: Mapping[int, Shape],
    body: Shape = None,
    example: object = None,
    query: Sequence[Parameter] = (),
    headers: Sequence[Parameter] = (),
    parts: Sequence[Shape] = (),
    answer_headers: Sequence[str] = (),
    refusals: Sequence[int] = (),
) -> Callable[[Handler], Handler]:
    """Documents a handler; it stays the function that it was. Its docstring is the description."""
    told = Operation(
        summary=summary,
        body=body,
        example=example,
        query=query,
        headers=headers,
        answers=answers,
        parts=parts,
        answer_headers=answer_headers,
        refusals=refusals,
    )

    def document(handler: Handler) -> Handler:
        handler.__dict__[_KEY] = told
        return handler

    return document


def secure(handler: Handler, security: Security) -> Handler:
    """Says what guards this handler, itself made with `functools.wraps`."""
    handler.__dict__[_SECURITY] = security
    return handler


def of(handler: Callable[..., Any]) -> tuple[Operation | None, Security | None]:
    """What was said about a route's endpoint."""
    return getattr(handler, _KEY, None), getattr(handler, _SECURITY, None)
