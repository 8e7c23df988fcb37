"""When API keys were last used, written down beside the requests: none waits for it, and none fails by it."""

import asyncio
from typing import NoReturn

import structlog

from hub.store import api_keys
from hub.store.postgres import TRY_AGAIN, Pool

log = structlog.get_logger()

WRITE_S = 2.0


class KeyUses:
    """Hears of uses, and writes them one after the other."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._used: set[str] = set()
        self._any = asyncio.Event()

    def note(self, key_id: str) -> None:
        """A key was used just now."""
        self._used.add(key_id)
        self._any.set()

    async def serve(self) -> NoReturn:
        """Writes until cancelled. What cannot be written is let go: the key's next use is noted again."""
        while True:
            await self._any.wait()
            self._any.clear()
            while self._used:
                try:
                    async with asyncio.timeout(WRITE_S):
                        await api_keys.used(self._pool, self._used.pop())
                except TRY_AGAIN as error:
                    log.warning("api_keys.use_not_noted", error=type(error).__name__)
