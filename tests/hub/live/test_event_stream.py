"""An event stream on a real transport: how much it holds for a client that does not read."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.live.connection import Connection
from hub.live.event_stream import EventStream, attach
from hub.live.framing import encoded
from hub.live.link import Link

HIGH_WATER = 64 * 1024  # asyncio's own mark
MESSAGE = encoded(b'{"t":"msg","seq":1,"cursor":"1-aaaaaaaa","message":"' + b"x" * 10_000 + b'"}')


class Host:
    """Takes connections, and hears what becomes of them."""

    def __init__(self) -> None:
        self.came: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()
        self.pauses = 0
        self.wanted = asyncio.Event()
        self.left = asyncio.Event()

    def paused(self, _: Link) -> None:
        self.pauses += 1

    def lost(self, _: Link) -> None:
        self.left.set()

    def want_page(self, _: Connection) -> None:
        self.wanted.set()


class Accepting(asyncio.Protocol):
    """Whoever began the answer."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._host.came.set_result(transport)


@pytest.fixture
async def host() -> Host:
    return Host()


@pytest.fixture
async def reader(host: Host) -> AsyncIterator[asyncio.StreamReader]:
    """A client that reads when it is told to."""
    server = await asyncio.get_running_loop().create_server(lambda: Accepting(host), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1024)
    yield reader
    (await host.came).abort()
    await host.left.wait()
    writer.close()
    server.close()


async def test_a_client_that_does_not_read_costs_what_its_transport_holds_and_is_fed_when_it_reads(
    host: Host, reader: asyncio.StreamReader
) -> None:
    transport = await host.came
    stream = attach(transport, host, set())
    connection = begun(stream, host)
    written = 0
    for seq in range(1, 10_000):
        if connection.push(seq, 0.0):
            stream.write(MESSAGE)
            written += 1
        if seq % 100 == 0:
            await asyncio.sleep(0)
    assert written < 9_000
    assert (connection.behind, host.pauses > 0) == (True, True)
    assert transport.get_write_buffer_size() <= HIGH_WATER + len(MESSAGE.frame) + 200
    while not host.wanted.is_set():
        await reader.read(64 * 1024)


async def test_after_the_goodbye_nothing_is_said_and_the_transport_goes(
    host: Host, reader: asyncio.StreamReader
) -> None:
    stream = attach(await host.came, host, set())
    begun(stream, host)
    stream.shutdown()
    stream.write(MESSAGE)
    assert b"xxx" not in await reader.read()
    await host.left.wait()


def begun(stream: EventStream, host: Host) -> Connection:
    """Its connection, with nothing missed."""
    stream.connection = Connection("ada", stream, host, expires_at=0.0)
    stream.connection.begin(0, 0)
    return stream.connection
