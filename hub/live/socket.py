"""The socket while its handshake lasts: uvicorn's WebSocket protocol, which then lets go of it."""

from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from hub.live.detached import DetachedSocket, Host, detach

EXTENSION = "hark.socket"  # in the ASGI scope: where the endpoint finds the socket
VERSION = "13"  # of the protocol, RFC 6455 §4.1
PLAIN_HEADERS = 64
PLAIN_BYTES = 4096
_OF_BODIES = frozenset({b"content-length", b"transfer-encoding"})


class Handshake(ServerProtocol):
    """RFC 6455 §4.2 as `websockets` has it, and what that leaves out."""

    def accept(self, request: Request) -> Response:
        """The answer to a handshake. A refused client learns which version is spoken here (§4.2.2)."""
        if len(request.headers.get_all("Host")) == 1:
            response = super().accept(request)
        else:
            response = self.reject(HTTPStatus.BAD_REQUEST, "expected one Host header\n")
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            response.headers["Sec-WebSocket-Version"] = VERSION
        return response


class HarkSocket(WebSocketsSansIOProtocol):
    """Does the handshake. The endpoint accepts and detaches; no message is ever exchanged here."""

    detached = False

    def connection_made(self, transport: Any) -> None:
        """A handshake is coming: uvicorn's HTTP protocol, which still has the transport, tells it again.

        What uvicorn asks the kernel and builds here, the HTTP protocol and `__init__` have: it is a tenth of a connect.
        """
        http: HttpToolsProtocol = transport.get_protocol()
        self.connections.add(self)
        self.transport = transport
        self.server, self.client = http.server, http.client
        self.scheme = "wss" if http.scheme == "https" else "ws"
        self.conn.__class__ = Handshake

    def handle_connect(self, event: Request) -> None:
        """The handshake can be read."""
        http = self.transport.get_protocol()
        if isinstance(http, HttpToolsProtocol) and http.scope["http_version"] != "1.1":
            del event.headers["Upgrade"]  # HTTP/1.0 has no upgrades (RFC 9110 §7.8); uvicorn calls every request 1.1
        super().handle_connect(event)

    def data_received(self, data: bytes) -> None:
        """What belongs to the handshake."""
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.abort()  # no client may speak before it was answered (§4.1); parsed, it would be answered
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse()

    def _refuse(self) -> None:
        # No request that `websockets` can read: too long (it has an answer), or with a body (it has none). uvicorn
        # alone would let the client wait for ever.
        answer = b"".join(self.conn.data_to_send()) or self.conn.reject(HTTPStatus.BAD_REQUEST, "").serialize()
        self.transport.write(answer)
        self.transport.close()
        self.handshake_complete = self.close_sent = True

    async def run_asgi(self) -> None:
        """As uvicorn's, except that a socket that was detached stays open when the endpoint returns."""
        self.scope["extensions"][EXTENSION] = {"socket": self}
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("the socket's endpoint failed")
            self.send_500_response()
        if not self.detached and self.close_timer is None:
            self.transport.close()

    def detach(self, host: Host, address: str | None) -> DetachedSocket:
        """Hands the accepted socket of a client at `address` over to `host`, which is told at once what came in
        behind the handshake."""
        self.detached = True
        self.connections.discard(self)
        socket = detach(self.transport, host, self.connections, address)
        early = bytes(self.conn.reader.buffer)
        self.conn.parser.close()  # a generator that refers to its owner: this would be left to the garbage collector
        if early:
            socket.data_received(early)
        return socket


def take_over(http: HttpToolsProtocol) -> bool:
    """Goes on with a handshake as HTTP parsed it; False for one that `websockets` has to read itself, to refuse it."""
    headers = list(http.scope["headers"])
    path = http.url
    if http.scope["method"] != "GET" or len(headers) > PLAIN_HEADERS or not _is_plain((b"path", path)):
        return False
    if not all(map(_is_plain, headers)):
        return False
    http.connections.discard(http)
    socket = HarkSocket(http.config, http.server_state, http.app_state)
    socket.connection_made(http.transport)
    socket.handle_connect(Request(path.decode(), Headers((name.decode(), value.decode()) for name, value in headers)))
    http.transport.set_protocol(socket)
    return True


def _is_plain(field: tuple[bytes, bytes]) -> bool:
    name, value = field
    return name not in _OF_BODIES and len(value) <= PLAIN_BYTES and value.isascii()
