"""Starlette, but for the calls that are made most."""

from collections.abc import Collection, Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan, Receive, Scope, Send

from hub.api.operation import require_guards
from hub.api.path import Segment, canonical
from hub.api.problem import EXPECTED, HANDLERS, answer_to
from hub.live.event_stream import EXTENSION


class Answering(Protocol):
    """The HTTP protocol that serves a request."""

    def answer(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Answers it whole. False for a client that is slow or gone: that is for the server. Raises ValueError for a
        header of more than one line."""


class Application(Starlette):
    """Calls named in `direct`, by method and path, go past the middlewares and the router, and their answers past
    uvicorn, which cost a sixth of a send. What they answer, and what becomes of their errors, is the same.

    The router sees a path as it was sent, in one spelling: a slash in an id divides nothing. A path that is nearly one
    of ours is a 404; Starlette would send the caller to where its Host header says.

    Raises RouteUnguarded for a route that does not say who may call it."""

    def __init__(
        self, routes: Sequence[BaseRoute], direct: Collection[tuple[str, str]], lifespan: Lifespan[Starlette]
    ) -> None:
        require_guards(routes)
        super().__init__(routes=routes, lifespan=lifespan, exception_handlers=HANDLERS)
        self.router.redirect_slashes = False
        for route in routes:
            if isinstance(route, Route):
                route.param_convertors = dict.fromkeys(route.param_convertors, Segment())
        self._direct = {
            (method, route.path.encode()): route.endpoint
            for route in routes
            if isinstance(route, Route)
            for method in route.methods or ()
            if (method, route.path) in direct
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        endpoint = None
        if scope["type"] == "http":
            raw_path: bytes = scope["raw_path"]
            endpoint = self._direct.get((scope["method"], raw_path))
            if b"%" in raw_path:
                scope["path"] = canonical(raw_path)
        if endpoint is None:
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except EXPECTED as error:
            response = await answer_to(request, error)
        except Exception as error:
            await (await answer_to(request, error))(scope, receive, send)
            raise
        protocol: Answering | None = scope["extensions"][EXTENSION]["http"]()
        if protocol is None or not protocol.answer(response.status_code, response.raw_headers, bytes(response.body)):
            await response(scope, receive, send)
