"""Questions to a server that may not be up yet: each says yes or no by its own deadline, and never raises."""

import asyncio
from collections.abc import Awaitable, Callable

from hub.dev.ports import LOOPBACK

ANSWER_WITHIN_S = 2.0

Probe = Callable[[], Awaitable[bool]]


def http_ok(port: int, path: str) -> Probe:
    """GET `path` answers 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode()
    return lambda: _says(port, request, b" 200 ")


def pong(port: int, password: str) -> Probe:
    """PING answers PONG: a Valkey that still reads its file from disk says LOADING."""
    return lambda: _says(port, f"AUTH {password}\r\nPING\r\n".encode(), b"+PONG", lines=2)


async def _says(port: int, request: bytes, expected: bytes, *, lines: int = 1) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)  # noqa: TID251 - what it started itself
            try:
                writer.write(request)
                answer = [await reader.readline() for _ in range(lines)]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return expected in answer[-1]
