"""The HTTP protocol under the API: uvicorn's, with deadlines for a request's headers and body and for who reads its
answer, which can let go of a transport in the middle of one."""

import asyncio
import weakref
from collections.abc import Sequence
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from hub.live.event_stream import EXTENSION, EventStream, attach
from hub.live.link import Keeper
from hub.live.socket import take_over

HEAD_BYTES = 128 * 1024  # a user token has 64 KiB at most; looked at as bytes come, so that a head may be a read longer
HEADERS = 128  # of one request
URL_BYTES = 16 * 1024  # the pairs of a query cost a microsecond each before anybody knows who asks
AHEAD = 16  # requests that wait for the answers before theirs
BODY_BYTES_PER_S = 1024  # at least, of a body that does not come at once
BODY_LOOK_S = 10.0  # a network may lose something and recover
READ_BYTES_PER_S = 1024  # at least, of an answer that the kernel does not take at once

_REFUSAL = b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE = _REFUSAL % b"431 Request Header Fields Too Large"
_TOO_LONG = _REFUSAL % b"414 URI Too Long"


class _TooMuchError(Exception):
    """Ends the parsing of what has come."""


class HarkHttp(HttpToolsProtocol):
    """Drops a client that opens a connection and does not send a whole head in time, or not the body that belongs to
    it, or one too slowly: bytes that drip in do not help (slowloris). And one that reads its answer too slowly. Of
    heads, and of requests that are sent ahead, it keeps no more than there can be in good faith: whoever reaches the
    port may send them."""

    header_deadline_s: ClassVar[float] = 10.0
    body_deadline_s: ClassVar[float] = 30.0
    read_look_s: ClassVar[float] = 20.0
    _deadline: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _in_head = False
    _in_body = False
    _came = 0  # bytes, since a deadline runs
    _said_nothing = 0  # bytes, since a head was whole or a part of a body came
    _was_something = False  # in what is parsed right now
    _is_deaf = False  # what still comes is not parsed

    def connection_made(self, transport: Any) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.header_deadline_s, transport.abort)

    def on_message_begin(self) -> None:
        """A request begins; on a connection that is kept open, its time begins too."""
        if len(self.pipeline) >= AHEAD:
            self.transport.abort()
            raise _TooMuchError
        super().on_message_begin()
        # Weak: else this, its cycle and the scope hold each other, and are left to the garbage collector.
        self.scope["extensions"] = {EXTENSION: {"http": weakref.ref(self)}}
        self._in_head = True

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol. Nearly every request comes whole, and needs no timer."""
        if self._is_deaf:
            return
        self._was_something = False
        super().data_received(data)
        if self._was_something:
            self._said_nothing = 0
        else:
            self._said_nothing += len(data)
            if self._said_nothing > HEAD_BYTES:
                self._refuse(_TOO_LARGE)
        if self._deadline is not None:
            self._came += len(data)
        elif self._in_head:
            self._deadline = self.loop.call_later(self.header_deadline_s, self.transport.abort)
        elif self._in_body:
            self._came = len(data)
            self._watch_body(self.body_deadline_s)
        elif not self._was_something and self._is_idle():
            # Empty lines before a request, which are no part of it (RFC 9112 §2.2): uvicorn thinks that one has begun.
            self._deadline = self.loop.call_later(self.header_deadline_s, self.transport.abort)

    def on_headers_complete(self) -> None:
        """The head is whole; its body may be on the way."""
        self._met()
        if len(self.headers) > HEADERS or len(self.url) > URL_BYTES:
            self._refuse(_TOO_LONG if len(self.url) > URL_BYTES else _TOO_LARGE)
            raise _TooMuchError
        self._in_body = self._was_something = True
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # those behind the body are none of the head (RFC 9110 §6.5.1): nobody looks at them

    def on_body(self, body: bytes) -> None:
        """A part of it."""
        self._was_something = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is whole too."""
        self._met()
        self._was_something = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed, unless it has been refused."""
        if not (self._is_deaf or self.transport.is_closing()):
            super().send_400_response(msg)

    def handle_websocket_upgrade(self) -> None:
        """A handshake: handed over as it was parsed. uvicorn would write it down again for `websockets` to parse, which
        is a tenth of a connect; that way go those that are for `websockets` to refuse."""
        self._met()
        self._was_read()
        if not take_over(self):
            super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._met()
        super().connection_lost(exc)
        self._was_read()

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        super().pause_writing()
        self._watch_reader()

    def on_response_complete(self) -> None:
        """Written, as far as uvicorn knows."""
        super().on_response_complete()
        if self._reading is not None or self.transport.get_write_buffer_size():
            self._watch_reader()

    def answer(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """See Answering. uvicorn takes two system calls and two packets, one for the head, and two regular expressions
        for each header."""
        cycle = self._answering
        if cycle.disconnected or cycle.flow.write_paused:
            return False
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"%b%b\r\n" % (STATUS_LINE[status], b"".join(lines))
        if head.count(b"\n") != len(lines) + 2:
            raise ValueError("expected headers of one line")
        cycle.response_started = cycle.response_complete = True
        self.transport.write(head + body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def detach(self, host: Keeper) -> EventStream | None:
        """See Detachable. For uvicorn the client is gone: it neither ends the answer nor waits for it when it stops."""
        self._met()  # that of a next request, which nobody will read
        self._was_read()
        self._answering.disconnected = True
        if self.transport.is_closing():
            return None
        self.connections.discard(self)
        self.flow.resume_reading()
        self.parser = None  # type: ignore[assignment]  # they hold each other; uvicorn lets go of it like this, too
        return attach(self.transport, host, self.connections)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle  # `self.cycle` is the newest one: a client may send requests ahead
        super()._start_asgi_task(cycle, app)

    def _watch_body(self, left_s: float) -> None:
        within_s = min(BODY_LOOK_S, left_s)
        self._deadline = self.loop.call_later(within_s, self._look_at_body, left_s - within_s)

    def _look_at_body(self, left_s: float) -> None:
        if left_s <= 0 or self._came < BODY_BYTES_PER_S * (self.body_deadline_s - left_s):
            self.transport.abort()
        else:
            self._watch_body(left_s)

    def _is_idle(self) -> bool:
        answered = self.cycle is not None and self.cycle.response_complete
        return answered and not self.transport.is_closing() and self.transport.get_protocol() is self

    def _watch_reader(self) -> None:
        self._was_read()
        if left := self.transport.get_write_buffer_size():
            self._reading = self.loop.call_later(self.read_look_s, self._look_at_reader, left)

    def _look_at_reader(self, left: int) -> None:
        if self.transport.get_write_buffer_size() > max(0, left - READ_BYTES_PER_S * self.read_look_s):
            self.transport.abort()
        else:
            self._watch_reader()

    def _was_read(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _refuse(self, answer: bytes) -> None:
        """A head that is too large. It is the client that hangs up, by the deadline: who still writes when we do would
        not hear why (RFC 9112 §9.6). Behind an answer that is on its way there is nothing to say."""
        self._is_deaf = self._in_head = True
        if self._in_body or (self.cycle is not None and not self.cycle.response_complete):
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(answer)
            if self.transport.can_write_eof():  # TLS cannot
                self.transport.write_eof()

    def _met(self) -> None:
        self._in_head = self._in_body = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def with_deadlines(*, header_s: float, body_s: float, stall_s: float) -> type[HarkHttp]:
    """The protocol class for one server."""
    deadlines = {"header_deadline_s": header_s, "body_deadline_s": body_s, "read_look_s": stall_s}
    return type("HarkHttp", (HarkHttp,), deadlines)
