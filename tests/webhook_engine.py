"""A worker's webhook engine whose turns a test decides."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
from asyncpg import Record

from delivery.outbound.client import Outbound
from delivery.outbound.networks import networks
from jobs.webhooks import WebhookEngine

LEASE = timedelta(seconds=30)


class Webhooks(WebhookEngine):
    """`run` comes back when nothing is due and nothing in hand."""

    async def run(self) -> None:
        await self.take()
        while self._calls:
            await self.drain(within_s=30)
            await self.take()


@contextlib.asynccontextmanager
async def webhook_engine(pool: "asyncpg.Pool[Record]", *, deadline_s: float = 10.0) -> AsyncIterator[Webhooks]:
    outbound = Outbound(own=networks(["127.0.0.0/8"]), http=True, deadline_s=deadline_s)
    engine = Webhooks(pool, outbound, lease=LEASE)
    writing = asyncio.ensure_future(engine.serve())
    yield engine
    await engine.drain(within_s=0)
    writing.cancel()
    await asyncio.wait([writing])
    await outbound.aclose()
