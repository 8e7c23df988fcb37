"""A live connection over HTTP, for networks that break WebSockets: a link that speaks server-sent events. The request
was answered and detached; what its client says, it says in requests of its own."""

import asyncio
from collections.abc import MutableSet
from typing import Any, Protocol

from hub.live import server_sent
from hub.live.close_codes import CloseCode
from hub.live.framing import Encoded
from hub.live.link import Keeper, Link

EXTENSION = "hark.http"  # in the ASGI scope: where the endpoint finds the protocol that serves its request


class Detachable(Protocol):
    """The HTTP protocol in the middle of an answer, which can let go of its transport."""

    def detach(self, host: Keeper) -> "EventStream | None":
        """The stream that goes on with the answer; None if the client has gone."""


class EventStream(Link):
    """The `Wire` of a connection whose client only listens.

    It sends no pongs: who does not read is noticed by the full transport, and who is gone by TCP.
    """

    __slots__ = ()

    def write(self, text: Encoded) -> None:
        """See Wire."""
        if self._deadline is None:
            self._transport.write(server_sent.chunk(text.parts or (text.message,)))
            if self.connection is not None:
                self.connection.heard = True

    def close(self, code: CloseCode) -> None:
        """See Wire."""
        self._say_goodbye(server_sent.goodbye(code, code.name.lower()))
        self._transport.close()

    def shutdown(self) -> None:
        """uvicorn stops."""
        self.close(CloseCode.DRAIN)

    def data_received(self, data: bytes) -> None:
        """Nothing may follow the request."""


def attach(transport: asyncio.Transport, host: Keeper, server_connections: MutableSet[Any]) -> EventStream:
    """Takes a transport over from the protocol that began the answer."""
    stream = EventStream(transport, host, server_connections)
    transport.set_protocol(stream)
    return stream
