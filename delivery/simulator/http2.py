"""An HTTP/2 server (RFC 9113) for services that answer at once, later, or not as they should. Knows no push.

Frames are h2's. What comes in one read is answered in one write.
"""

import asyncio
import socket
import ssl
from typing import Literal, NamedTuple, Protocol, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error
from h2.settings import SettingCodes

MAX_STREAMS = 1_000  # at once on one connection, as APNs announces

Accident = Literal["reset", "half_body", "goaway"]


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    """At most one byte more than the server takes: enough to see that it is too much."""


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes = b""
    after_s: float = 0
    accident: Accident | None = None
    """In its place the stream is reset, or the connection ends in the middle of the body, or the server goes away and
    says that it had not begun with the request."""


class Visit(Protocol):
    """What a service remembers of one connection."""

    def answer(self, request: Request) -> Reply: ...


class Service(Protocol):
    def visited(self, *, certified: bool) -> Visit:
        """A connection begins; `certified` when the client showed a certificate that the authority issued."""


class Http2Server:
    """Listens inside the running loop, from `open` until `aclose`."""

    def __init__(self, service: Service, tls: ssl.SSLContext, *, max_body_bytes: int) -> None:
        self._service = service
        self._tls = tls
        self._max_body_bytes = max_body_bytes
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=listening, ssl=self._tls)

    async def aclose(self) -> None:
        """Connections end at once: whoever waits for an answer sees them break."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()

    def _connection(self) -> "Connection":
        return Connection(self._service, self._connections, self._max_body_bytes)


class Connection(asyncio.Protocol):
    """One connection's frames and half-read requests."""

    _transport: asyncio.Transport
    _visit: Visit

    def __init__(self, service: Service, connections: "set[Connection]", max_body_bytes: int) -> None:
        self._service = service
        self._connections = connections
        self._max_body_bytes = max_body_bytes
        self._frames = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._coming: dict[int, tuple[dict[str, str], bytearray]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # what a stream protocol gets; uvloop's is none by name
        self._connections.add(self)
        self._visit = self._service.visited(certified=bool(transport.get_extra_info("peercert")))
        self._frames.initiate_connection()
        self._frames.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS})
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name is asyncio's
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for event in self._frames.receive_data(data):
                if not self._transport.is_closing():  # else it came too late: it is not begun with
                    self._happened(event)
        except H2Error:  # the other end broke the protocol, and the goodbye that says so is to be flushed
            self._flush()
            self._transport.close()
        else:
            self._flush()

    def abort(self) -> None:
        self._transport.abort()

    def _happened(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=stream, headers=headers):
                self._coming[stream] = {str(name): str(value) for name, value in headers}, bytearray()
            case DataReceived(stream_id=stream, data=data, flow_controlled_length=length):
                self._frames.acknowledge_received_data(length, stream)
                body = self._coming[stream][1]
                body += data[: self._max_body_bytes + 1 - len(body)]
            case StreamEnded(stream_id=stream):
                self._answer(stream)
            case StreamReset(stream_id=stream):
                self._coming.pop(stream, None)
            case ConnectionTerminated():
                self._transport.close()

    def _answer(self, stream: int) -> None:
        headers, body = self._coming.pop(stream)
        request = Request(headers.pop(":method", ""), headers.pop(":path", ""), headers, bytes(body))
        reply = self._visit.answer(request)
        if reply.after_s:
            asyncio.get_running_loop().call_later(reply.after_s, self._say_late, stream, reply)
        else:
            self._say(stream, reply)

    def _say_late(self, stream: int, reply: Reply) -> None:
        if self._transport.is_closing():
            return
        try:
            self._say(stream, reply)
            self._flush()
        except H2Error:  # the client gave up waiting
            pass

    def _say(self, stream: int, reply: Reply) -> None:
        if reply.accident == "reset":
            self._frames.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        elif reply.accident == "goaway":
            self._frames.close_connection(last_stream_id=stream - 2 if stream > 1 else 0)
            self._end()
        else:
            self._say_reply(stream, reply)

    def _say_reply(self, stream: int, reply: Reply) -> None:
        headers = [(":status", str(reply.status)), *reply.headers.items()]
        self._frames.send_headers(stream, headers, end_stream=not reply.body)
        if reply.accident == "half_body":
            self._frames.send_data(stream, reply.body[: len(reply.body) // 2])
            self._end()
        elif reply.body:
            self._frames.send_data(stream, reply.body, end_stream=True)

    def _end(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if said := self._frames.data_to_send():
            self._transport.write(said)
