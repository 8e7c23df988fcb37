"""A hub that is there to be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from os import environ

from hub.settings import Settings


@asynccontextmanager
async def killed_in_the_end(settings: Settings, port: int, **more: str) -> AsyncIterator[None]:
    """A hub in a process of its own, and then `kill -9`."""
    environment = {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_PORT": str(port),
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "serve"), env=environ | environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        while b"hub.started" not in (line := await process.stdout.readline()):
            assert line, "the hub ended before it was ready"
        await _listens(port)  # a moment after it said so
        yield
    finally:
        process.kill()
        await process.communicate()


async def _listens(port: int) -> None:
    while True:
        with suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
