"""Senders that wait until their notification is settled: one look into Postgres for all of them."""

import asyncio
from typing import NoReturn
from uuid import UUID

import structlog

from hub.store import notifications
from hub.store.postgres import UNAVAILABLE, Pool

log = structlog.get_logger()

LOOK_S = 0.1  # what another node or the worker settled is found this late


class Waits:
    """Looks ten times a second while somebody waits, and at once after an acknowledgement on this node."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[UUID, set[asyncio.Future[None]]] = {}
        self._somebody = asyncio.Event()
        self._nudged = asyncio.Event()

    async def settled(self, notification_id: UUID) -> None:
        """Returns when every user of it has it, or nobody will bring it any more."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(notification_id, set())
        waiting.add(settled)
        self._somebody.set()
        self._nudged.set()
        try:
            await settled
        finally:
            waiting.discard(settled)
            if not waiting:
                self._waiting.pop(notification_id, None)

    def nudge(self) -> None:
        """Something was acknowledged here."""
        if self._waiting:
            self._nudged.set()

    async def serve(self) -> NoReturn:
        """Looks until cancelled."""
        while True:
            await self._somebody.wait()
            if not self._waiting:
                self._somebody.clear()
                continue
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._nudged.wait()
            except TimeoutError:
                pass
            self._nudged.clear()
            try:
                await self._look()
            except UNAVAILABLE as error:
                log.warning("waits.store_unavailable", error=type(error).__name__)
                await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        for notification_id in await notifications.settled(self._pool, list(self._waiting)):
            for settled in self._waiting.get(notification_id, ()):
                if not settled.done():
                    settled.set_result(None)
