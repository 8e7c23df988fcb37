"""A customer's endpoint for webhooks: it hears events, verifies them as the specification's library does, and answers
as a test says, however wrong."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from standardwebhooks import Webhook

Answer = int | str
"""A status, or what comes in place of one: `hang`, `reset`."""


class Call(NamedTuple):
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The event in it; raises what a receiver's library raises."""
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event


class Receiver:
    """At `url`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.headers: dict[str, str] = {}  # of each answer
        self._answers: deque[Answer] = deque()
        self._always: Answer = 200
        self._heard = asyncio.Condition()
        self._let_go = asyncio.Event()
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hooks"

    def answers(self, *these: Answer) -> None:
        """To the next calls."""
        self._answers.extend(these)

    def always(self, answer: Answer) -> None:
        """From now on."""
        self._always = answer

    def let_go(self) -> None:
        """Who hangs is answered."""
        self._let_go.set()

    async def heard(self, count: int) -> list[Call]:
        """The first so many calls, once they came; the test's time limit is the deadline."""
        async with self._heard:
            await self._heard.wait_for(lambda: len(self.calls) >= count)
        return self.calls[:count]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await self._take(reader)
                answer = self._answers.popleft() if self._answers else self._always
                if answer == "reset":
                    writer.transport.abort()
                    return
                if answer == "hang":
                    await self._let_go.wait()
                writer.write(self._said(200 if isinstance(answer, str) else answer))
                await writer.drain()
        writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        named = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(named["content-length"]))
        async with self._heard:
            self.calls.append(Call(named, body))
            self._heard.notify_all()

    def _said(self, status: int) -> bytes:
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"HTTP/1.1 {status} So\r\n{more}Content-Length: 0\r\n\r\n".encode()


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """One that listens."""
    made = Receiver()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    made._port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
