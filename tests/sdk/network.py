"""A network between a page and the hub that breaks what it does not know: WebSockets, event streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Network:
    """Passes requests on, each on a connection of its own; those that name something `broken` get a 502."""

    def __init__(self, url: str, broken: set[bytes]) -> None:
        self._host, _, self._port = url.removeprefix("http://").partition(":")
        self.broken = broken
        self.url = ""
        self._through: set[asyncio.StreamWriter] = set()
        self._plugged = asyncio.Event()
        self._plugged.set()

    def cut(self) -> int:
        """Resets every connection that goes through right now; gives how many."""
        for writer in self._through:
            writer.transport.abort()
        return len(self._through)

    def pull(self) -> None:
        """Like a cable: nobody is told, nothing gets through, until it is plugged in; then what was held back does."""
        self._plugged.clear()

    def plug(self) -> None:
        self._plugged.set()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            await self._plugged.wait()
            if any(word in head.lower() for word in self.broken):
                writer.write(BAD_GATEWAY)
            else:
                await self._forward(head, reader, writer)
        writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"upgrade: websocket" not in head.lower():
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            head = b"\r\n".join([lines[0], b"Connection: close", *lines[1:]])
        from_hub, to_hub = await asyncio.open_connection(self._host, int(self._port))
        to_hub.write(head)
        self._through.add(writer)
        ways = [asyncio.ensure_future(self._pump(*way)) for way in ((reader, to_hub), (from_hub, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        self._through.discard(writer)
        to_hub.close()
        writer.close()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65536):
                await self._plugged.wait()
                writer.write(part)
                await writer.drain()


@contextlib.asynccontextmanager
async def network(url: str, *broken: bytes) -> AsyncIterator[Network]:
    """Before the hub at `url`."""
    made = Network(url, set(broken))
    async with await asyncio.start_server(made.pass_on, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        made.url = f"http://{host}:{port}"
        yield made
        server.close()
