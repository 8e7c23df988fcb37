"""The socket while its handshake lasts: uvicorn's WebSocket protocol, which can then let go of it."""

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hub.live.detached import DetachedSocket, Host, detach

EXTENSION = "hark.socket"  # in the ASGI scope: where the endpoint finds the socket


class HarkSocket(WebSocketsSansIOProtocol):
    """Does the handshake. The endpoint accepts and detaches; nothing else is ever said here."""

    detached = False

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

    def detach(self, host: Host, address: str) -> DetachedSocket:
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
