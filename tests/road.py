"""A road to a server that may break: connections through it can be cut, held up, and let go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Road:
    """Between whoever connects to `port` and a server on this machine."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()
        self.port = 0

    async def begin(self) -> None:
        """Connections come through (again)."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Every connection is closed, new ones are refused."""
        if self._server is not None:
            self._server.close()
        for way in list(self._ways):
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    def hold(self) -> None:
        """Nothing comes through, and nobody is told."""
        self._open.clear()

    def let_go(self) -> None:
        """What was held up goes on."""
        self._open.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
                try:
                    async with asyncio.TaskGroup() as ways:
                        ways.create_task(self._carry(reader, there_writer))
                        ways.create_task(self._carry(there_reader, writer))
                finally:
                    there_writer.close()
        finally:
            writer.close()
            self._ways.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def road(to: int) -> AsyncIterator[Road]:
    """One that is open at first."""
    made = Road(to)
    await made.begin()
    yield made
    made.let_go()
    await made.cut()
