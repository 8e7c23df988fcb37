"""A client that writes bytes as it likes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from tests.hub_process import Customer


class Raw(NamedTuple):
    """A connection to the hub's port."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def status(self) -> int:
        """Of the next answer."""
        return int((await self.reader.readuntil(b"\r\n")).split()[1])

    async def is_dropped(self) -> bool:
        """Once the hub hung up; the test's time limit is the deadline."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass
        return True

    async def drip(self, byte: bytes, every_s: float) -> None:
        """A byte at a time until the hub hangs up."""
        gone = asyncio.ensure_future(self.is_dropped())
        while not gone.done():
            self.say(byte)
            await asyncio.wait([gone], timeout=every_s)


@contextlib.asynccontextmanager
async def raw(hub: Customer) -> AsyncIterator[Raw]:
    host, _, port = hub.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def raw_socket(port: int | None) -> AsyncIterator[socket.socket]:
    """One that takes little in before it is read; for the loop's `sock_recv` and `sock_sendall`."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(0)
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
        yield made


def head(request_line: str, headers: Mapping[str, str]) -> str:
    """Of a request."""
    return "".join(f"{line}\r\n" for line in (request_line, *(f"{k}: {v}" for k, v in headers.items()), ""))


def handshake(**more: str) -> str:
    """Of a socket."""
    return head(
        "GET /ws HTTP/1.1",
        {
            "Host": "hark",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": "hark.v1",
            **{name.replace("_", "-"): value for name, value in more.items()},
        },
    )
