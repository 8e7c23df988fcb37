"""A network that loses answers: the hub has done what it was asked, and who asked never hears of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Flaky:
    """Passes requests on, each on a connection of its own."""

    def __init__(self, hub_url: str) -> None:
        self._host, _, self._port = hub_url.removeprefix("http://").partition(":")
        self.url = ""
        self.passed = 0
        self.loses = 0  # this many next answers
        self.refuses = 0  # this many next requests, before the hub sees them

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await _request(reader)
            if self.refuses:
                self.refuses -= 1
                writer.write(UNAVAILABLE)
            else:
                answer = await self._answer(request)
                if self.loses:
                    self.loses -= 1
                    writer.transport.abort()
                writer.write(answer)
        writer.close()

    async def _answer(self, request: bytes) -> bytes:
        self.passed += 1
        reader, writer = await asyncio.open_connection(self._host, int(self._port))
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer


async def _request(reader: asyncio.StreamReader) -> bytes:
    """One request with its body, asking for a connection that ends with it."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    lengths = [int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:")]
    body = await reader.readexactly(sum(lengths))
    return b"\r\n".join([lines[0], b"Connection: close", *lines[1:]]) + body


@contextlib.asynccontextmanager
async def flaky(hub_url: str) -> AsyncIterator[Flaky]:
    """Before the hub at `hub_url`."""
    made = Flaky(hub_url)
    async with await asyncio.start_server(made.connected, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        made.url = f"http://{host}:{port}"
        yield made
        server.close()
