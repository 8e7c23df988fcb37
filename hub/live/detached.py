"""The socket under a live connection once its handshake is over: a link that speaks WebSocket. What comes in are calls
to the node; what goes out goes straight to the kernel, and only what that does not take to the transport."""

import asyncio
import os
import sys
from collections.abc import MutableSet
from typing import Any, Protocol, cast

from websockets.frames import CloseCode as StandardCode

from hub import metrics
from hub.limits import Allowance
from hub.live import framing
from hub.live.close_codes import CloseCode
from hub.live.framing import Encoded, Framing, ViolationFound
from hub.live.link import Keeper, Link


class Host(Keeper, Protocol):
    """Whoever has the sockets: told what happens on them. Nothing here may block."""

    def received(self, socket: "DetachedSocket", text: str) -> None:
        """A text message came."""

    def knocked(self, socket: "DetachedSocket") -> bool:
        """A ping came, or a pong; whether the client may say so many."""

    def garbled(self, socket: "DetachedSocket", message: str) -> None:
        """The client said something that is no text message."""


class DetachedSocket(Link):
    """The `Wire` of a connection. `connection` is None until its client has said hello.

    While the transport holds nothing, messages go past it, which costs a third less. It is full as soon as it holds a
    byte, so nothing overtakes what waits in it.
    """

    __slots__ = ("_descriptor", "_framing", "_ping", "address", "allowance")
    _host: Host

    def __init__(
        self, transport: asyncio.Transport, host: Host, server_connections: MutableSet[Any], address: str | None
    ) -> None:
        super().__init__(transport, host, server_connections)
        # For which this counts, if for any, until its client has proven who it is; thousands share one.
        self.address = None if address is None else sys.intern(address)
        self.allowance: Allowance | None = None  # of messages, pings and pongs
        self._descriptor: int = transport.get_extra_info("socket").fileno()
        self._framing: Framing | None = Framing()  # None: nothing more is listened to
        self.direct = self._descriptor  # -1 while only the transport may write
        self._ping: bytes | None = None  # that came while the transport was full

    @property
    def is_closing(self) -> bool:
        """Whether goodbye has been said."""
        return self._deadline is not None

    def write(self, text: Encoded) -> None:
        """See Wire."""
        frame = text.frame
        try:
            taken = os.write(self.direct, frame)
        except OSError:  # it may not be written to directly, or takes nothing now, or is gone: the transport knows
            taken = 0
        if taken < len(frame):
            self.finish(text, taken)

    def finish(self, text: Encoded, taken: int) -> None:
        """See Wire."""
        if taken < len(text.frame) and self._deadline is None:
            self._transport.write(text.frame[taken:])

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
            metrics.closed.labels(int(violation.code)).inc()
            self._say_goodbye(framing.close_frame(violation.code, str(violation)))
            if self._transport.can_write_eof():  # then it is the client that hangs up; TLS cannot
                self._transport.write_eof()

    def _happened(self, event: framing.Event) -> None:
        match event:
            case framing.Text(text) if not self.is_closing:
                self._host.received(self, text)
            case framing.Binary() if not self.is_closing:
                self._host.garbled(self, "expected text messages, not binary ones")
            case framing.Ping(data):
                if self._host.knocked(self):
                    self._answer(data)
            case framing.Pong():
                self._host.knocked(self)
            case framing.Goodbye(reply):
                self._framing = None
                self._say_goodbye(reply)
                self._transport.close()

    def _answer(self, ping: bytes) -> None:
        # Pongs are no reason to fill memory for a client that reads nothing: of the pings that wait for an answer, only
        # the last needs one (RFC 6455 §5.5.3).
        if self._transport.get_write_buffer_size():
            self._ping = ping
        else:
            self._transport.write(framing.pong_frame(ping))

    def pause_writing(self) -> None:
        """The transport holds something."""
        self.direct = -1
        super().pause_writing()

    def resume_writing(self) -> None:
        """The transport holds nothing any more."""
        if self._deadline is None:
            self.direct = self._descriptor
        if self._ping is not None:
            ping, self._ping = self._ping, None
            self._answer(ping)
        super().resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """The transport is gone, and its descriptor may soon be another's."""
        self._descriptor = self.direct = -1
        super().connection_lost(error)

    def _set_deadline(self) -> None:
        self.direct = -1  # nothing follows a goodbye
        super()._set_deadline()


def detach(
    transport: asyncio.BaseTransport, host: Host, server_connections: MutableSet[Any], address: str | None
) -> DetachedSocket:
    """Takes a transport over from the protocol that did its handshake."""
    owned = cast("asyncio.Transport", transport)
    socket = DetachedSocket(owned, host, server_connections, address)
    owned.set_protocol(socket)
    owned.set_write_buffer_limits(high=0)  # tells the new protocol when it holds the end of the handshake
    return socket
