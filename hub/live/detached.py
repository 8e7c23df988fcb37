"""The socket under a live connection once its handshake is over: no task, no queue, no scope. What comes in are calls
to the node; what goes out goes straight to the transport."""

import asyncio
import sys
from collections.abc import MutableSet
from typing import Any, Protocol, cast

from websockets.frames import CloseCode as StandardCode

from hub.limits import Allowance
from hub.live import framing
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import Encoded, Framing, ViolationFound

CLOSE_TIMEOUT_S = 5.0  # a goodbye waits for the same full buffer as everything else


class Host(Protocol):
    """Whoever has the sockets: told what happens on them. Nothing here may block."""

    def received(self, socket: "DetachedSocket", text: str) -> None:
        """A text message came."""

    def paused(self, socket: "DetachedSocket") -> None:
        """The transport of a live connection is full."""

    def garbled(self, socket: "DetachedSocket", message: str) -> None:
        """The client said something that is no text message."""

    def lost(self, socket: "DetachedSocket") -> None:
        """The socket is gone; called once."""


class DetachedSocket(asyncio.Protocol):
    """The `Wire` of a connection. `connection` is None until its client has said hello."""

    __slots__ = (
        "_deadline",
        "_framing",
        "_host",
        "_is_full",
        "_ping",
        "_server_connections",
        "_transport",
        "address",
        "allowance",
        "connection",
        "pauses",
    )

    def __init__(
        self, transport: asyncio.Transport, host: Host, server_connections: MutableSet[Any], address: str
    ) -> None:
        self.connection: Connection | None = None
        self.allowance: Allowance | None = None  # of frames
        self.address = sys.intern(address)  # thousands share one
        self.pauses = 0  # how often the transport was full
        self._transport = transport
        self._host = host
        self._framing: Framing | None = Framing()  # None: nothing more is listened to
        self._is_full = False
        self._ping: bytes | None = None  # that came while it was full
        self._server_connections = server_connections  # uvicorn's, whom it asks to leave at shutdown
        self._deadline: asyncio.TimerHandle | None = None  # of its end; set once we said goodbye
        server_connections.add(self)

    def write(self, text: Encoded) -> None:
        """See Wire."""
        if self._deadline is None:
            self._transport.write(text.frame)

    def close(self, code: CloseCode) -> None:
        """See Wire."""
        self._say_goodbye(framing.close_frame(code, code.name.lower()))

    def abort(self) -> None:
        """See Wire."""
        self._transport.abort()

    def shutdown(self) -> None:
        """uvicorn stops."""
        self._say_goodbye(framing.close_frame(StandardCode.SERVICE_RESTART, ""))
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._framing is None:
            return  # it is closing; what still comes is read, because closing a socket over unread bytes resets it
        try:
            for event in self._framing.feed(data):
                self._happened(event)
        except ViolationFound as violation:
            self._framing = None
            self._say_goodbye(framing.close_frame(violation.code, str(violation)))
            if self._transport.can_write_eof():  # then it is the client that hangs up; TLS cannot
                self._transport.write_eof()

    def _happened(self, event: framing.Event) -> None:
        match event:
            case framing.Text(text):
                if self._deadline is None:
                    self._host.received(self, text)
            case framing.Binary():
                if self._deadline is None:
                    self._host.garbled(self, "expected text messages, not binary ones")
            case framing.Ping(data):
                self._answer(data)
            case framing.Goodbye(reply):
                self._framing = None
                self._say_goodbye(reply)
                self._transport.close()
            case framing.Pong():
                pass

    def _answer(self, ping: bytes) -> None:
        # Pongs are no reason to fill memory for a client that reads nothing: of the pings that wait for an answer, only
        # the last needs one (RFC 6455 §5.5.3).
        if self._is_full:
            self._ping = ping
        else:
            self._transport.write(framing.pong_frame(ping))

    def _say_goodbye(self, frame: bytes) -> None:
        if self._deadline is None:
            self._transport.write(frame)
            self._set_deadline()

    def _set_deadline(self) -> None:
        if (
            self._deadline is None
        ):  # a transport that closes waits for its buffer, and so for a client that reads nothing
            self._deadline = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._transport.abort)

    def eof_received(self) -> None:
        """The client has nothing more to say; the transport closes when everything is written."""
        self._set_deadline()

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._is_full = True
        self.pauses += 1
        if self.connection is not None:
            self.connection.pause()
            self._host.paused(self)

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        self._is_full = False
        if self._ping is not None:
            ping, self._ping = self._ping, None
            self._answer(ping)
        if self.connection is not None:
            self.connection.resume()

    def connection_lost(self, _: Exception | None) -> None:
        """The socket is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._server_connections.discard(self)
        self._host.lost(self)


def detach(
    transport: asyncio.BaseTransport, host: Host, server_connections: MutableSet[Any], address: str
) -> DetachedSocket:
    """Takes a transport over from the protocol that did its handshake."""
    owned = cast("asyncio.Transport", transport)
    socket = DetachedSocket(owned, host, server_connections, address)
    owned.set_protocol(socket)
    return socket
