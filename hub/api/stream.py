"""`/sse`: what the socket says, as server-sent events, for networks that break WebSockets. The request proves who asks
and where they stand; then its answer detaches, and no task or scope of it is left here."""

import random
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.api import room
from hub.api.auth import UserGate
from hub.api.body import parse_cursor
from hub.api.operation import operation
from hub.api.origins import Origins
from hub.api.problem import Problem
from hub.api.query import TextParameter
from hub.cursor import Cursor
from hub.live import server_sent
from hub.live.event_stream import EXTENSION, Detachable, EventStream
from hub.live.node import Node
from sessions.user_tokens import UserToken

RETRY_MS = (1000, 5000)

_CURSOR = TextParameter(name="cursor", description='The `cursor` of the last entry applied, or "0".')
_LAST_EVENT_ID = TextParameter(name="Last-Event-ID", description="The same; it wins.")
_TOPICS = TextParameter(name="topics", description="Ephemeral topics to join, with commas between.")

HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",  # the transport ends with the stream
    "X-Accel-Buffering": "no",  # nginx would hold events back until its buffer is full
}


class StreamApi:
    """The event stream."""

    def __init__(self, node: Node, users: UserGate, origins: Origins) -> None:
        self._node = node
        self._users = users
        self._origins = origins

    def routes(self) -> Sequence[Route]:
        """Where the stream lives."""
        gate = self._origins.gate("GET")
        return [Route("/sse", self._users.guard(self.open, admits=True), methods=["GET", "OPTIONS"], middleware=gate)]

    @operation(
        "Listen, as server-sent events",
        query=[_CURSOR, _TOPICS],
        headers=[_LAST_EVENT_ID],
        answers={200: "text/event-stream"},
        refusals=[403, 422, 503],
    )
    async def open(self, request: Request, token: UserToken) -> Response:
        """The answer that begins the stream, which then belongs to the node."""
        if request.method == "HEAD":
            raise Problem(405, "expected GET", headers={"Allow": "GET"})
        if not self._node.has_room():
            raise room.full()
        cursor, topics = _start(request), _topics(request, token)
        return _Detaching(self._node, lambda stream: self._node.started(stream, token, cursor, topics))


class _Detaching(StreamingResponse):
    def __init__(self, node: Node, started: Callable[[EventStream], None]) -> None:
        super().__init__((), headers=HEADERS, media_type="text/event-stream")
        self._node = node
        self._started = started

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        hint = server_sent.retry(random.randint(*RETRY_MS))  # noqa: S311 - spreads clients, guards nothing
        await send({"type": "http.response.body", "body": hint, "more_body": True})
        http: Detachable | None = scope["extensions"][EXTENSION]["http"]()
        stream = http.detach(self._node) if http else None
        if stream is not None:
            self._started(stream)


def _start(request: Request) -> Cursor | None:
    """Where the client stands. The header is what a client sends by itself when it reconnects: it wins."""
    for name, text in (
        ("Last-Event-ID", request.headers.get("last-event-id")),
        ("cursor", request.query_params.get("cursor")),
    ):
        if text:
            return parse_cursor(text, name)
    return None


def _topics(request: Request, token: UserToken) -> list[str]:
    topics = [topic for topic in dict.fromkeys(request.query_params.get("topics", "").split(",")) if topic]
    for topic in topics:
        if topic not in token.topics:
            raise Problem(403, f"the user token does not allow the topic {topic!r}")
    return topics
