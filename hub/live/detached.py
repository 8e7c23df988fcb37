"""The socket under a live connection once its handshake is over: a link that speaks WebSocket. What comes in are calls
to the node; what goes out goes straight to the transport."""

import asyncio
from collections.abc import MutableSet
from typing import Any, Protocol, cast

from websockets.frames import CloseCode as StandardCode

from hub.limits import Allowance
from hub.live import framing
from hub.live.close_codes import CloseCode
from hub.live.framing import Encoded, Framing, ViolationFound
from hub.live.link import Keeper, Link


class Host(Keeper, Protocol):
    """Whoever has the sockets: told what happens on them. Nothing here may block."""

    def received(self, socket: "DetachedSocket", text: str) -> None:
        """A text message came."""

    def garbled(self, socket: "DetachedSocket", message: str) -> None:
        """The client said something that is no text message."""


class DetachedSocket(Link):
    """The `Wire` of a connection. `connection` is None until its client has said hello."""

    __slots__ = ("_framing", "_is_full", "_ping", "allowance")
    _host: Host

    def __init__(
        self, transport: asyncio.Transport, host: Host, server_connections: MutableSet[Any], address: str
    ) -> None:
        super().__init__(transport, host, server_connections, address)
        self.allowance: Allowance | None = None  # of frames
        self._framing: Framing | None = Framing()  # None: nothing more is listened to
        self._is_full = False
        self._ping: bytes | None = None  # that came while it was full

    def write(self, text: Encoded) -> None:
        """See Wire."""
        if self._deadline is None:
            self._transport.write(text.frame)

    def close(self, code: CloseCode) -> None:
        """See Wire."""
        self._say_goodbye(framing.close_frame(code, code.name.lower()))

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

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._is_full = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        self._is_full = False
        if self._ping is not None:
            ping, self._ping = self._ping, None
            self._answer(ping)
        super().resume_writing()


def detach(
    transport: asyncio.BaseTransport, host: Host, server_connections: MutableSet[Any], address: str
) -> DetachedSocket:
    """Takes a transport over from the protocol that did its handshake."""
    owned = cast("asyncio.Transport", transport)
    socket = DetachedSocket(owned, host, server_connections, address)
    owned.set_protocol(socket)
    return socket
