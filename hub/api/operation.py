"""What a route says about itself beyond its path, its methods and its guard: kept beside its handler, read by
`hub.api.openapi` when somebody asks for the document, and by `hub.api.application` before it starts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from starlette.routing import BaseRoute, Route, WebSocketRoute

from hub.api.query import Parameter
from hub.api.shapes import Shape
from hub.roles import SCOPES, Scope

Handler = TypeVar("Handler", bound=Callable[..., Any])

_KEY = "hub.api.operation"
_SECURITY = "hub.api.security"
_PUBLIC = "hub.api.public"


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
    scope: Scope | None = None  # that an API key has to have


class RouteUnguarded(LookupError):
    """A route says neither what its callers need nor that it is for everybody."""


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


def public(handler: Handler) -> Handler:
    """Says that this handler, or application, needs no guard: whoever reaches the port may call it, or it asks
    itself."""
    handler.__dict__[_PUBLIC] = True
    return handler


def of(handler: Callable[..., Any]) -> tuple[Operation | None, Security | None]:
    """What was said about a route's endpoint."""
    return getattr(handler, _KEY, None), getattr(handler, _SECURITY, None)


def require_guards(routes: Iterable[BaseRoute]) -> None:
    """Raises RouteUnguarded: whatever answers, a socket or a mounted application too, says who may call it."""
    for route in routes:
        endpoint: Any = route.endpoint if isinstance(route, Route | WebSocketRoute) else getattr(route, "app", route)
        path = getattr(route, "path", repr(route))
        _, security = of(endpoint)
        if security is None and not getattr(endpoint, _PUBLIC, False):
            raise RouteUnguarded(f"{path}: needs a guard, or to be public")
        if security and security.scheme == "api_key" and security.scope not in SCOPES:
            raise RouteUnguarded(f"{path}: its guard names no scope")
