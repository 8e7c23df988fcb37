"""A slow network between a process and a server: everything arrives, `delay_s` later, each way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


@contextlib.asynccontextmanager
async def slow_link(url: str, *, delay_s: float) -> AsyncIterator[str]:
    """The URL by which the server at `url` is reached the slow way."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    ends: set[asyncio.StreamWriter] = set()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(64 * 1024):
            loop.call_later(delay_s, sink.write, data)
        loop.call_later(delay_s, sink.close)

    async def connected(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_connection(parts.hostname, parts.port)
        ends.update((near_out, far_out))
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(carry(near_in, far_out), carry(far_in, near_out))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
    finally:
        server.close()
        for end in ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)
