"""The HTTP protocol under the API: uvicorn's, with deadlines for a request's headers and body, and one write for an
answer. It can let go of a transport in the middle of one."""

import asyncio
import weakref
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from hub.live.event_stream import EXTENSION, EventStream, attach
from hub.live.link import Keeper
from hub.live.socket import take_over

_CHUNKED = b"transfer-encoding: chunked\r\n\r\n"  # how uvicorn ends the head of an answer of unknown length
_CONTINUE = b"HTTP/1.1 100 "

BODY_BYTES_PER_S = 1024  # at least, of a body that does not come at once
BODY_LOOK_S = 10.0  # a network may lose something and recover


class OneWrite:
    """The transport of one answer. Its head waits for the first bytes of its body, which uvicorn writes right after it:
    one system call and one packet instead of two. The head of a stream goes at once, for its body may be long in
    coming. Not for answers without a body (HEAD)."""

    __slots__ = ("_head", "_past_head", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._past_head = False
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """See asyncio.WriteTransport."""
        if self._past_head:
            self._transport.write(data)
        elif self._head:
            self._past_head = True
            self._transport.write(self._head + data)
        elif data.startswith(_CONTINUE):
            self._transport.write(data)
        elif data.endswith(_CHUNKED):
            self._past_head = True
            self._transport.write(data)
        else:
            self._head = data

    def close(self) -> None:
        """See asyncio.BaseTransport. A head without its body is what the client gets of an answer that failed."""
        if self._head and not self._past_head:
            self._transport.write(self._head)
        self._transport.close()


class HarkHttp(HttpToolsProtocol):
    """Drops a client that opens a connection and does not send a whole head in time, or not the body that belongs to
    it, or one too slowly: bytes that drip in do not help (slowloris)."""

    header_deadline_s: ClassVar[float] = 10.0
    body_deadline_s: ClassVar[float] = 30.0
    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _in_body = False
    _came = 0  # bytes, since a deadline runs

    def connection_made(self, transport: Any) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.header_deadline_s, transport.abort)

    def on_message_begin(self) -> None:
        """A request begins; on a connection that is kept open, its time begins too."""
        super().on_message_begin()
        # Weak: else this, its cycle and the scope hold each other, and are left to the garbage collector.
        self.scope["extensions"] = {EXTENSION: {"http": weakref.ref(self)}}
        self._in_head = True

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol. Nearly every request comes whole, and needs no timer."""
        super().data_received(data)
        if self._deadline is not None:
            self._came += len(data)
        elif self._in_head:
            self._deadline = self.loop.call_later(self.header_deadline_s, self.transport.abort)
        elif self._in_body:
            self._came = len(data)
            self._watch_body(self.body_deadline_s)

    def on_headers_complete(self) -> None:
        """The head is whole; its body may be on the way."""
        self._met()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole too."""
        self._met()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """A handshake: handed over as it was parsed. uvicorn would write it down again for `websockets` to parse, which
        is a tenth of a connect; that way go those that are for `websockets` to refuse."""
        self._met()
        if not take_over(self):
            super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._met()
        super().connection_lost(exc)

    def detach(self, host: Keeper, address: str) -> EventStream | None:
        """See Detachable. For uvicorn the client is gone: it neither ends the answer nor waits for it when it stops."""
        self._met()  # that of a next request, which nobody will read
        self._answering.disconnected = True
        if self.transport.is_closing():
            return None
        self.connections.discard(self)
        self.flow.resume_reading()
        self.parser = None  # type: ignore[assignment]  # they hold each other; uvicorn lets go of it like this, too
        return attach(self.transport, host, self.connections, address)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle  # `self.cycle` is the newest one: a client may send requests ahead
        if cycle.scope["method"] != "HEAD":
            cycle.transport = OneWrite(self.transport)  # type: ignore[assignment]  # all that a cycle does with one
        super()._start_asgi_task(cycle, app)

    def _watch_body(self, left_s: float) -> None:
        within_s = min(BODY_LOOK_S, left_s)
        self._deadline = self.loop.call_later(within_s, self._look_at_body, left_s - within_s)

    def _look_at_body(self, left_s: float) -> None:
        if left_s <= 0 or self._came < BODY_BYTES_PER_S * (self.body_deadline_s - left_s):
            self.transport.abort()
        else:
            self._watch_body(left_s)

    def _met(self) -> None:
        self._in_head = self._in_body = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def with_deadlines(*, header_s: float, body_s: float) -> type[HarkHttp]:
    """The protocol class for one server."""
    return type("HarkHttp", (HarkHttp,), {"header_deadline_s": header_s, "body_deadline_s": body_s})
