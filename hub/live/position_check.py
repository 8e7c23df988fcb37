"""The position check: a lost *last* hint leaves no hole to notice, so every few seconds one query compares all of this
node's connections with their inboxes. At once after the bus was away; every second while it is.

It also finds inboxes that went back, and that tokens were revoked.
"""

import asyncio
from typing import NoReturn

import structlog

from hub.bus import Bus
from hub.live.registry import Registry
from hub.live.restored import send_away
from hub.live.revoked import Revoked
from hub.store import inbox
from hub.store.postgres import FAILED, Pool

log = structlog.get_logger()

WITHOUT_BUS_S = 1.0  # live delivery then goes by this look alone
LOOKS_APART_S = 0.2  # however often somebody says "soon"


class PositionCheck:
    """Finds connections whose inbox has more than they were sent, or less than they knew."""

    def __init__(self, pool: Pool, registry: Registry, revoked: Revoked, *, interval_s: float) -> None:
        self._pool = pool
        self._registry = registry
        self._revoked = revoked
        self._interval_s = interval_s
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Hints may have been lost: look now."""
        self._soon.set()

    async def serve(self, bus: Bus) -> NoReturn:
        """Looks until cancelled."""
        while True:
            interval_s = self._interval_s if bus.connected else min(WITHOUT_BUS_S, self._interval_s)
            try:
                async with asyncio.timeout(interval_s):
                    await self._soon.wait()
            except TimeoutError:
                pass
            self._soon.clear()
            try:
                await self.check()
            except FAILED as error:  # away, or not migrated yet: /ready says which
                log.warning("position_check.store_unavailable", error=type(error).__name__)
            await asyncio.sleep(LOOKS_APART_S)

    async def check(self) -> None:
        """One look at all users of this node."""
        known = {connection: connection.head for connection in self._registry.all()}
        heads, revision = await inbox.heads(self._pool, list(self._registry.users()))
        self._revoked.at(revision)
        for user_id, head in heads.items():
            for connection in self._registry.of(user_id):
                connection.checked(head)
        ahead = [connection for connection, head in known.items() if head > heads.get(connection.user_id, 0)]
        send_away([connection for connection in ahead if connection in self._registry.of(connection.user_id)])
