"""The other side of a WebSocket: it says whatever bytes a test wants, and takes only what RFC 6455 allows a server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.conformance import wire
from tests.conformance.echo import PATIENCE_S, Echo
from tests.hub_process import Customer

Parsed = TypeVar("Parsed")

WORDS = "Hello-µ@ßöäüàá-UTF-8!! κόσμε 𝄞".encode()  # characters of one to four bytes
ACK = b'{"t":"ack","seq":1,"after":0}'
ACK_OK = b'{"t":"ack_ok","seq":1}'
HEARTBEAT = b'{"t":"ping"}'


class Peer:
    """A client after its handshake. `question` is a text that this server answers with `answer`."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        question: bytes,
        answer: bytes,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = StreamReader()
        self.question = question
        self.answer = answer

    def say(self, *frames: bytes) -> None:
        """All in one write, so that the server most likely reads them at once."""
        self._writer.write(b"".join(frames))

    def say_in_pieces(self, said: bytes, size: int) -> None:
        """In writes of `size` bytes each: TCP packets of their own, as long as the server keeps up."""
        for start in range(0, len(said), size):
            self._writer.write(said[start : start + size])

    async def heard(self) -> Frame:
        """The next frame, except heartbeats of the hub. Raises ProtocolError for one no server may send (a masked one,
        say), EOFError at the end of the stream."""
        async with asyncio.timeout(PATIENCE_S):
            while (frame := await self._next_frame()).data == HEARTBEAT:
                pass
        return frame

    async def heard_text(self) -> bytes:
        frame = await self.heard()
        assert frame.opcode is Opcode.TEXT, frame
        return bytes(frame.data)

    async def heard_pong(self) -> bytes:
        frame = await self.heard()
        assert frame.opcode is Opcode.PONG, frame
        return bytes(frame.data)

    async def closed_with(self) -> int:
        """The server's close code. After its close frame comes the end of the stream, soon, and nothing else."""
        code = await self._heard_goodbye()
        assert await self.rest() == b""
        return code

    async def dismissed_with(self) -> int:
        """As `closed_with`, when it was the server who wanted to leave: it waits for our answer."""
        code = await self._heard_goodbye()
        self.say(wire.close(code))
        assert await self.rest() == b""
        return code

    async def rest(self) -> bytes:
        """What the server says until it hangs up."""
        async with asyncio.timeout(PATIENCE_S):
            return bytes(self._heard.buffer) + await self._reader.read()

    async def has_said(self) -> None:
        """Waits until the server, or the kernels between, took what was said."""
        async with asyncio.timeout(PATIENCE_S):
            await self._writer.drain()

    def stop_listening(self) -> None:
        """Takes nothing more from its socket; the kernels' buffers still fill."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def listen_again(self) -> None:
        self._writer.transport.resume_reading()  # type: ignore[attr-defined]

    def end(self) -> None:
        """Has nothing more to say, but still listens."""
        self._writer.write_eof()

    async def is_answered(self) -> None:
        """The connection is alive and understands us."""
        self.say(wire.text(self.question))
        assert await self.heard_text() == self.answer

    async def is_welcomed(self) -> None:
        """The hub's answer to hello, and the one entry of the inbox."""
        assert b'"welcome"' in await self.heard_text()
        assert b'"seq":1' in await self.heard_text()

    async def _heard_goodbye(self) -> int:
        frame = await self.heard()
        assert frame.opcode is Opcode.CLOSE, frame
        return Close.parse(frame.data).code

    async def _next_frame(self) -> Frame:
        return await read(self._reader, self._heard, Frame.parse(self._heard.read_exact, mask=False))


async def read(reader: asyncio.StreamReader, heard: StreamReader, parsing: Generator[None, None, Parsed]) -> Parsed:
    """What a parser of `websockets` makes of the stream; `heard` is what was read of it and not parsed yet."""
    while True:
        try:
            next(parsing)
        except StopIteration as parsed:
            whole: Parsed = parsed.value
            return whole
        if data := await reader.read(2**16):
            heard.feed_data(data)
        else:
            heard.feed_eof()


@contextlib.asynccontextmanager
async def echo_peer(echo: Echo, mode: str) -> AsyncIterator[Peer]:
    """At the echo, `mode` being its path."""
    async with _opened(echo.port, f"/{mode}", question=WORDS, answer=WORDS) as peer:
        yield peer


@contextlib.asynccontextmanager
async def hub_guest(customer: Customer) -> AsyncIterator[Peer]:
    """At the hub, and has not said hello."""
    async with _opened(port_of(customer), "/ws", question=ACK, answer=ACK_OK) as peer:
        yield peer


@contextlib.asynccontextmanager
async def hub_peer(customer: Customer) -> AsyncIterator[Peer]:
    """At the hub; ada said hello, was welcomed and got her entry."""
    async with hub_guest(customer) as peer:
        peer.say(await hello(customer))
        await peer.is_welcomed()
        yield peer


async def hello(customer: Customer) -> bytes:
    """Ada's, as a frame."""
    return wire.text(msgspec.json.encode({"t": "hello", "token": await customer.token("ada"), "cursor": "0"}))


def port_of(customer: Customer) -> int:
    port = urlsplit(customer.url).port
    assert port is not None
    return port


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection, and nothing said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def _opened(port: int, path: str, *, question: bytes, answer: bytes) -> AsyncIterator[Peer]:
    """After a handshake that `websockets` finds right."""
    client = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}{path}"), subprotocols=[Subprotocol("hark.v1")])
    client.send_request(client.connect())
    async with connected(port) as (reader, writer):
        writer.writelines(client.data_to_send())
        client.receive_data(await reader.readuntil(b"\r\n\r\n"))
        [response] = client.events_received()
        assert client.handshake_exc is None, response
        yield Peer(reader, writer, question=question, answer=answer)
