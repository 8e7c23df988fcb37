"""Servers that answer as a test says, however wrong: HTTP/1.1 word for word, and HTTP/2 frame by frame."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded


@asynccontextmanager
async def speaking(answer: bytes) -> AsyncIterator[str]:
    """A server that reads a request, says just that, and hangs up; its origin."""
    server = await asyncio.start_server(_saying(answer), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{_port(server)}"


def _saying(answer: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()

    return say


class Flood:
    """A server whose body has no end: what it sent of it until the client had left."""

    def __init__(self) -> None:
        self.origin = ""
        self.sent = 0
        self.left = asyncio.Event()

    async def pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                self.sent += 65_536
        self.left.set()


@asynccontextmanager
async def flooding() -> AsyncIterator[Flood]:
    """It answers 200, and goes on."""
    flood = Flood()
    async with await asyncio.start_server(flood.pour, "127.0.0.1", 0) as server:
        flood.origin = f"http://127.0.0.1:{_port(server)}"
        yield flood


async def _read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(int(next(lengths, b":0").partition(b":")[2]))


class Peer(asyncio.Protocol):
    """One HTTP/2 connection: calls what the test wants done for each request that arrived."""

    def __init__(self, answer: Callable[["Peer", int], None]) -> None:
        self._answer = answer
        self.frames = H2Connection(H2Configuration(client_side=False))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.frames.initiate_connection()
        self._flush()

    def data_received(self, data: bytes) -> None:
        for event in self.frames.receive_data(data):
            if isinstance(event, StreamEnded):
                self._answer(self, event.stream_id)
        self._flush()

    def say(self, stream: int, status: int, *, body: bytes = b"", end: bool = True, **headers: str) -> None:
        names = [(":status", str(status)), *headers.items()]
        self.frames.send_headers(stream, names, end_stream=end and not body)
        if body:
            self.frames.send_data(stream, body, end_stream=end)

    def reset(self, stream: int, code: int) -> None:
        self.frames.reset_stream(stream, code)

    def go_away(self, last_stream: int) -> None:
        self.frames.close_connection(0, last_stream_id=last_stream)

    def hang_up(self) -> None:
        self._flush()
        self.transport.close()

    def _flush(self) -> None:
        self.transport.write(self.frames.data_to_send())


@asynccontextmanager
async def answering(
    answer: Callable[[Peer, int], None], certificate: Path, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server of HTTP/2 over TLS that does this with each request, given its stream; its origin."""
    tls = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    tls.set_alpn_protocols(["h2"])
    server = await asyncio.get_running_loop().create_server(lambda: Peer(answer), "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"https://127.0.0.1:{_port(server)}"


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
