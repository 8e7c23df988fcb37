"""A device behind a network that breaks WebSockets: it hears server-sent events."""

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
import msgspec

from tests.device import Frame

LONGER_THAN_A_TEST_S = 60
SMALL_BUFFER = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)]  # so that who does not read is soon full


class Event(NamedTuple):
    """One event, as a browser's EventSource takes it apart."""

    kind: str
    id: str | None
    frame: Frame


class Listener:
    """What the device hears, and the `Last-Event-ID` it would come back with. It reads only while it is asked to."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_event_id: str | None = None
        self.retry_ms = 0
        self._parts = answer.aiter_bytes()
        self._rest = b""

    async def event(self) -> Event:
        """The next event that is no ping. Raises EOFError at the end of the stream."""
        while True:
            fields = await self._fields()
            if "retry" in fields:
                self.retry_ms = int(fields["retry"])
            if "data" not in fields or fields["event"] == "ping":
                continue
            self.last_event_id = fields.get("id", self.last_event_id)
            return Event(fields["event"], fields.get("id"), msgspec.json.decode(fields["data"]))

    async def heard(self) -> Frame:
        return (await self.event()).frame

    async def heard_entries(self, wanted: int) -> list[Frame]:
        """The next `wanted` entries, however they are split into events."""
        entries: list[Frame] = []
        while len(entries) < wanted:
            frame = await self.heard()
            if frame["t"] == "msg":
                entries += frame.get("entries", [frame])
        return entries

    async def closed(self) -> int:
        """Waits until the hub has ended the stream, and gives the code it said; 0 if it said none."""
        code = 0
        with contextlib.suppress(EOFError, httpx.ReadError, httpx.RemoteProtocolError):
            while True:
                frame = await self.heard()
                code = frame["code"] if frame["t"] == "close" else 0
        return code

    async def _fields(self) -> dict[str, str]:
        while b"\n\n" not in self._rest:
            try:
                self._rest += await anext(self._parts)
            except StopAsyncIteration:
                raise EOFError from None
        event, _, self._rest = self._rest.partition(b"\n\n")
        return dict(line.split(": ", 1) for line in event.decode().split("\n"))


@contextlib.asynccontextmanager
async def listener(hub_url: str, token: str, after: str | None = None, **query: Any) -> AsyncIterator[Listener]:
    """Opens a stream that goes on after this event; the welcome is left to be heard."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if after is not None:
        headers["Last-Event-ID"] = after
    road = httpx.AsyncHTTPTransport(socket_options=SMALL_BUFFER)
    async with (
        httpx.AsyncClient(base_url=hub_url, transport=road, timeout=LONGER_THAN_A_TEST_S) as http,
        http.stream("GET", "/sse", headers=headers, params=query) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield Listener(answer)
