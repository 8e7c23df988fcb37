"""The socket under a connection: uvicorn's WebSocket protocol, which lets go of its ASGI task after the hello.

Until `attach` it is an ordinary ASGI WebSocket. From then on there is no task and no queue: frames that come in are
calls to a `Listener`, and writes go straight to the transport.
"""

from typing import Protocol

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.frames import text_frame

EXTENSION = "hark.socket"  # in the ASGI scope: where the endpoint finds the socket
CLOSE_TIMEOUT_S = 5.0  # a goodbye waits for the same full buffer as everything else


class Listener(Protocol):
    """Who is told what happens on an attached socket. Neither call may block."""

    def received(self, connection: Connection, text: str) -> None:
        """A text message came."""

    def lost(self, connection: Connection) -> None:
        """The socket is gone; called once."""


class HarkSocket(WebSocketsSansIOProtocol):
    """Is the `Wire` of its connection."""

    connection: Connection | None = None
    listener: Listener

    async def run_asgi(self) -> None:
        """As uvicorn's, except that the socket stays open when the endpoint returns with a connection attached."""
        self.scope["extensions"][EXTENSION] = {"socket": self}
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("the socket's endpoint failed")
            self.send_500_response()
        if self.connection is None and self.close_timer is None:
            self.transport.close()

    def attach(self, connection: Connection, listener: Listener) -> None:
        """From now on the socket belongs to `connection`; what came in since the hello is told at once."""
        self.connection, self.listener = connection, listener
        if self.disconnected:
            listener.lost(connection)
            return
        if not self.writable.is_set():
            connection.pause()
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive" and (text := event.get("text")) is not None:
                listener.received(connection, text)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, message: bytes) -> None:
        """See Wire."""
        self.write_frame(text_frame(message))

    def write_frame(self, frame: bytes) -> None:
        """See Wire."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    def close(self, code: CloseCode) -> None:
        """See Wire."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, code.name.lower())
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def abort(self) -> None:
        """See Wire."""
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """A whole message has come."""
        if self.connection is None:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self.close(CloseCode.PROTOCOL)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.conn.send_close(1007)
            self.handle_parser_exception()
            return
        self.listener.received(self.connection, text)

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        super().pause_writing()
        if self.connection is not None:
            self.connection.pause()

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        super().resume_writing()
        if self.connection is not None:
            self.connection.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        super().connection_lost(exc)
        if self.connection is not None:
            self.listener.lost(self.connection)
