"""The HTTP protocol under the API: uvicorn's, with a deadline for a request's headers."""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HarkHttp(HttpToolsProtocol):
    """Drops a client that opens a connection and does not send a whole head in time (a slow-header attack)."""

    header_deadline_s: ClassVar[float] = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.header_deadline_s, transport.abort)

    def on_message_begin(self) -> None:
        """A request begins; on a connection that is kept open, its time begins too."""
        super().on_message_begin()
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_deadline_s, self.transport.abort)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._met()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._met()
        super().connection_lost(exc)

    def _met(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def with_header_deadline(deadline_s: float) -> type[HarkHttp]:
    """The protocol class for one server."""
    return type("HarkHttp", (HarkHttp,), {"header_deadline_s": deadline_s})
