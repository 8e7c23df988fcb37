"""A server that people chat on, as far as apprise sees of one: it takes posts, and answers as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec


class Post(NamedTuple):
    """What was asked of it."""

    path: str
    head: bytes
    body: bytes

    @property
    def said(self) -> Any:
        return msgspec.json.decode(self.body)


class Room:
    """200 at once, but for what a test changes."""

    def __init__(self) -> None:
        self.host = ""
        """With its port, as it stands in a URL."""
        self.posts: list[Post] = []
        self.statuses: dict[str, int] = {}
        """By the end of a path."""
        self.location = ""
        """Where every answer sends who asked, if anywhere."""
        self.began = asyncio.Event()
        """Somebody posts."""
        self.answers = asyncio.Event()
        """While this is not set, it hangs."""
        self.answers.set()

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        [length] = lengths or [b":0"]
        path = head.split(b" ")[1].decode()
        self.posts.append(Post(path, head, await reader.readexactly(int(length.partition(b":")[2]))))
        self.began.set()
        await self.answers.wait()
        status = next((self.statuses[end] for end in self.statuses if path.endswith(end)), 200)
        location = f"location: {self.location}\r\n" if self.location else ""
        writer.write(f"HTTP/1.1 {status} x\r\n{location}content-length: 2\r\nconnection: close\r\n\r\nok".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """On a port of its own."""
    opened = Room()
    server = await asyncio.start_server(opened.hear, "127.0.0.1", 0)
    opened.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield opened
    finally:
        opened.answers.set()
        server.close()
        await server.wait_closed()
