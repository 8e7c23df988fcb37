"""The transport under a live connection once its handshake is over, whatever is spoken on it: no task, no queue, no
scope. What the transport does not take is not kept here: its connection is then behind."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import MutableSet
from typing import Any, Protocol

from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import Encoded

CLOSE_TIMEOUT_S = 5.0  # a goodbye waits for the same full buffer as everything else


class Keeper(Protocol):
    """Whoever has the links. Nothing here may block."""

    def paused(self, link: "Link") -> None:
        """The transport of a live connection is full."""

    def lost(self, link: "Link") -> None:
        """The transport is gone; called once."""


class Link(asyncio.Protocol, ABC):
    """The `Wire` of a connection; `connection` is None until its client has proven who it is.

    Subclasses say what a message and a goodbye look like. Made by whoever did the handshake, and set as the
    transport's protocol by it.
    """

    __slots__ = ("_deadline", "_host", "_server_connections", "_transport", "connection", "direct", "pauses")

    def __init__(self, transport: asyncio.Transport, host: Keeper, server_connections: MutableSet[Any]) -> None:
        self.connection: Connection | None = None
        self.direct = -1
        self.pauses = 0  # how often the transport was full
        self._transport = transport
        self._host = host
        self._server_connections = server_connections  # uvicorn's, whom it asks to leave at shutdown
        self._deadline: asyncio.TimerHandle | None = None  # of its end; set once we said goodbye
        server_connections.add(self)

    @abstractmethod
    def write(self, text: Encoded) -> None:
        """See Wire."""

    def finish(self, text: Encoded, taken: int) -> None:
        """See Wire. Nothing is written past a link that is never `direct`."""

    @abstractmethod
    def close(self, code: CloseCode) -> None:
        """See Wire."""

    def abort(self) -> None:
        """See Wire."""
        self._transport.abort()

    def _say_goodbye(self, goodbye: bytes) -> None:
        if self._deadline is None:
            self._transport.write(goodbye)
            self._set_deadline()

    def _set_deadline(self) -> None:
        # A transport that closes waits for its buffer, and so for a client that reads nothing.
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._transport.abort)

    def eof_received(self) -> None:
        """The client has nothing more to say; the transport closes when everything is written."""
        self._set_deadline()

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self.pauses += 1
        if self.connection is not None:
            self.connection.pause()
            self._host.paused(self)

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        if self.connection is not None:
            self.connection.resume()

    def connection_lost(self, _: Exception | None) -> None:
        """The transport is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._server_connections.discard(self)
        self._host.lost(self)
