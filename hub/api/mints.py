"""How many user tokens each API key minted, for the audit log: a row a key and minute, so that minting needs no
Postgres and a crowd that comes back does not wait for a chain."""

import asyncio
from collections import Counter
from typing import NoReturn

import structlog

from hub.audit import Deed
from hub.store import audit
from hub.store.postgres import FAILED, Pool

log = structlog.get_logger()

EVERY_S = 60.0
WRITE_S = 2.0


class Mints:
    """Counts, and writes the counts down."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._minted: Counter[str] = Counter()

    def note(self, key_id: str, tokens: int) -> None:
        """A key got so many."""
        self._minted[key_id] += tokens

    async def serve(self) -> NoReturn:
        """Writes every minute until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.write()

    async def write(self) -> None:
        """What cannot be written is kept for the next time."""
        minted, self._minted = self._minted, Counter()
        if not minted:
            return
        try:
            async with asyncio.timeout(WRITE_S):
                await audit.note(
                    self._pool,
                    *(Deed(key_id, "tokens.minted", {"tokens": tokens}) for key_id, tokens in sorted(minted.items())),
                )
        except FAILED as error:
            self._minted.update(minted)
            log.warning("audit.mints_not_written", error=type(error).__name__)
