"""A worker's clearing engine whose turns a test decides."""

from collections.abc import Sequence

import asyncpg
from asyncpg import Record

from delivery.clearing import Clears
from hub.vault import Vault
from jobs.clearing import ClearingEngine
from jobs.lane import Lanes
from tests.due_engine import LEASE


class Cleaner(ClearingEngine):
    """`clean` lets the time pass that things are gathered, or waited for."""

    def __init__(self, pool: "asyncpg.Pool[Record]", vault: Vault, providers: Sequence[Clears]) -> None:
        super().__init__(pool, vault, providers, Lanes(), lease=LEASE)
        self.pool = pool

    async def clean(self) -> None:
        await self.pool.execute("update clearings set due_at = now()")
        await self.run()

    async def left(self) -> list[int]:
        """Entries of which something is left to do."""
        rows = await self.pool.fetch("select unnest(seqs) as seq from clearings order by 1")
        return [row["seq"] for row in rows]
