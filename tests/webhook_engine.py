"""A worker's webhook engine whose turns a test decides, and what it has to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
from asyncpg import Record

from delivery.outbound.client import Outbound
from delivery.outbound.networks import networks
from hub.store import inbox
from hub.store.inbox import Ack
from hub.vault import Vault
from jobs.webhooks import WebhookEngine
from tests.hub_process import Customer

LEASE = timedelta(seconds=30)


class Webhooks(WebhookEngine):
    """`run` comes back when nothing is due and nothing in hand."""

    async def run(self) -> None:
        await self.take()
        while self._calls:
            await self.drain(within_s=30)
            await self.take()


@contextlib.asynccontextmanager
async def webhook_engine(
    pool: "asyncpg.Pool[Record]", vault: Vault, *, deadline_s: float = 10.0
) -> AsyncIterator[Webhooks]:
    outbound = Outbound(own=networks(["127.0.0.0/8"]), http=True, deadline_s=deadline_s)
    engine = Webhooks(pool, vault, outbound, lease=LEASE)
    writing = asyncio.ensure_future(engine.serve())
    yield engine
    await engine.drain(within_s=0)
    writing.cancel()
    await asyncio.wait([writing])
    await outbound.aclose()


async def delivered(hub: Customer, pool: "asyncpg.Pool[Record]", *users: str) -> str:
    """A notification that these users' devices acknowledged."""
    sent = await hub.send(list(users))
    await inbox.ack(pool, [Ack(user, 0, 1000, background=False) for user in users])
    return sent


async def later(pool: "asyncpg.Pool[Record]") -> None:
    """When all that waits is due."""
    await pool.execute("update webhook_events set due_at = now()")


async def waits(pool: "asyncpg.Pool[Record]") -> list[float]:
    """How long each event that is left is put off for, in seconds."""
    rows = await pool.fetch("select extract(epoch from due_at - now())::float8 as wait_s from webhook_events")
    return [row["wait_s"] for row in rows]
