"""A worker's due engine whose turns a test decides."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec
from asyncpg import Record

from delivery.provider import Provider
from hub.store.attempts import Begun
from hub.store.due import Claim
from hub.vault import Vault
from jobs.due import DueEngine

LEASE = timedelta(seconds=15)


class Engine(DueEngine):
    """`run` comes back when nothing is due and nothing in hand."""

    async def run(self) -> None:
        await self.take()
        await self.drain(within_s=30)


@contextlib.asynccontextmanager
async def due_engine(pool: "asyncpg.Pool[Record]", vault: Vault, *providers: Provider) -> AsyncIterator[Engine]:
    engine = Engine(pool, vault, providers, lease=LEASE, ack_deadline_s=5.0, turn=asyncio.Lock())
    writing = asyncio.ensure_future(engine.serve())
    yield engine
    await engine.drain(within_s=0)
    writing.cancel()
    await asyncio.wait([writing])


def begun(claim: Claim, session_id: str, number: int) -> Sequence[Begun]:
    """As a worker writes it that is about to call the session's provider."""
    return [Begun(claim.user_id, claim.seq, claim.fence, msgspec.convert(session_id, type=UUID), number, "webpush")]
