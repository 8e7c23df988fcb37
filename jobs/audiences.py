"""Large audiences: the worker stores them batch by batch, in order of the users' ids, and announces each batch."""

import asyncio
import time

from hub.announce import Announcer
from hub.draft import Draft
from hub.store import audiences
from hub.store.accept import Accepted, accept_more
from hub.store.postgres import Pool
from jobs import metrics

PAUSE = 0.7  # after a batch, of the time it took: the rest is the single sends'


class AudienceEngine:
    """A batch and the note of how far it came are one transaction: after a kill the next worker goes on behind it.
    `turn` is held while Postgres works for it."""

    def __init__(
        self, pool: Pool, announcer: Announcer, *, ack_deadline_s: float, batch: int, turn: asyncio.Lock
    ) -> None:
        self._pool = pool
        self._announcer = announcer
        self._ack_deadline_s = ack_deadline_s
        self._batch = batch
        self._turn = turn

    async def run(self) -> None:
        """Stores until no audience is open that nobody else works at. While a batch is announced the next is stored:
        announcements keep their order. A batch in hand when it is cancelled is rolled back, for the next worker.
        """
        announcing: asyncio.Task[None] | None = None
        try:
            while (done := await self._store_in_turn()) is not None:
                if announcing is not None:
                    await announcing
                draft, accepted = done
                announcing = asyncio.create_task(self._announcer.announce([draft], accepted.stored, accepted.withdrawn))
        finally:
            if announcing is not None:
                await announcing

    async def _store_in_turn(self) -> tuple[Draft, Accepted] | None:
        """A batch, then a pause."""
        async with self._turn:
            started = time.perf_counter()
            done = await self._store_batch()
            took = time.perf_counter() - started
        await asyncio.sleep(PAUSE * took)
        return done

    async def _store_batch(self) -> tuple[Draft, Accepted] | None:
        async with self._pool.acquire() as connection, connection.transaction():
            batch = await audiences.next_batch(connection, size=self._batch)
            if batch is None:
                return None
            accepted = await accept_more(connection, batch.draft, self._ack_deadline_s)
            await audiences.move_on(connection, batch, stored=len(accepted.stored))
        metrics.audience_stored.inc(len(accepted.stored))
        return batch.draft, accepted
