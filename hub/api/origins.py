"""Which pages may speak for a user: the hub's own, and those of HARK_ALLOWED_ORIGINS (RFC 6454; CORS of the Fetch
standard). Who sends no `Origin` is no page and is asked for nothing more."""

from collections.abc import Sequence

import structlog
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.problem import Problem, respond

REQUEST_HEADERS = "authorization, content-type, last-event-id"
ANSWER_HEADERS = "retry-after, www-authenticate"
TOLD = 100  # origins that the log names, and so many characters of each
LONGEST_TOLD = 200
PREFLIGHT_S = "600"  # a browser may remember the answer; Chromium's own limit is two hours


log = structlog.get_logger()


class Origins:
    """The one rule, for the socket and for what a page asks over HTTP."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = frozenset(allowed) - {"null"}  # any page in a sandbox says that it is this one
        self._told: set[str] = set()

    def refusal(self, connection: HTTPConnection) -> Problem | None:
        """The 403 for a page of an origin that is not known here, to the letter: browsers spell each in one way. Who
        says two is no browser."""
        said = connection.headers.getlist("origin")
        scheme = "https" if connection.url.scheme in ("https", "wss") else "http"
        own = f"{scheme}://{connection.headers.get('host')}"
        if not said or (len(said) == 1 and (said[0] == own or said[0] in self._allowed)):
            return None
        self._tell(", ".join(said))
        return Problem(403, "pages of this origin may not speak for a user (HARK_ALLOWED_ORIGINS)")

    def _tell(self, origin: str) -> None:
        """Once of each, so that whoever sets a page up finds out, and nobody fills the log."""
        if origin not in self._told and len(self._told) < TOLD:
            self._told.add(origin)
            log.warning("origin.refused", origin=origin[:LONGEST_TOLD])

    def gate(self, *methods: str) -> list[Middleware]:
        """Before a route that pages call with these methods and OPTIONS: refuses other origins, answers preflights,
        and lets the page read the answer."""
        return [Middleware(_Gate, origins=self, methods=", ".join(methods))]


class _Gate:
    def __init__(self, app: ASGIApp, *, origins: Origins, methods: str) -> None:
        self._app = app
        self._origins = origins
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        origin = connection.headers.get("origin")

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                _let_read(MutableHeaders(scope=message), origin)
            await send(message)

        if refusal := self._origins.refusal(connection):
            await respond(refusal)(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._preflight()(scope, receive, send_readable)
        else:
            await self._app(scope, receive, send_readable)

    def _preflight(self) -> Response:
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": self._methods,
                "Access-Control-Allow-Headers": REQUEST_HEADERS,
                "Access-Control-Max-Age": PREFLIGHT_S,
            },
        )


def _let_read(headers: MutableHeaders, origin: str | None) -> None:
    headers.add_vary_header("Origin")
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = ANSWER_HEADERS
