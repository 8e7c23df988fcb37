"""What time has overtaken: expired and cancelled entries are withdrawn, old keys and events are forgotten."""

import asyncio
from datetime import timedelta
from typing import NoReturn

import structlog

from hub.announce import Announcer
from hub.store import dedupes, idempotency, webhook_events, withdrawals
from hub.store.postgres import FAILED, Pool

log = structlog.get_logger()

EXPIRY_S = 1.0
FORGET_S = 60.0
IDEMPOTENCY_KEPT = timedelta(hours=25)  # a day is promised
EVENTS_KEPT = timedelta(days=7)  # of disabled webhooks, for who enables them again
AT_ONCE = 1000
A_REQUEST = timedelta(seconds=2)  # takes no longer to withdraw what it withdraws itself


class Sweep:
    """Several workers may sweep at once: each takes what the others do not hold."""

    def __init__(self, pool: Pool, announcer: Announcer) -> None:
        self._pool = pool
        self._announcer = announcer

    async def serve(self) -> NoReturn:
        """Sweeps until cancelled."""
        rounds = 0
        while True:
            await asyncio.sleep(EXPIRY_S)
            rounds += 1
            try:
                await self.withdraw_expired()
                await self.withdraw_cancelled()
                if rounds * EXPIRY_S % FORGET_S == 0:
                    await self.forget()
            except FAILED as error:
                log.warning("sweep.store_unavailable", error=type(error).__name__)

    async def withdraw_expired(self) -> None:
        """Withdraws all entries whose time is over."""
        while (some := await withdrawals.expired(self._pool, limit=AT_ONCE)) is not None:
            await self._announcer.withdrawn(some)

    async def withdraw_cancelled(self) -> None:
        """Goes on where a request left it: there were too many entries, or its hub died."""
        for notification_id in await withdrawals.cancelling(self._pool, older=A_REQUEST, limit=AT_ONCE):
            while (some := await withdrawals.cancelled(self._pool, notification_id, limit=AT_ONCE)) is not None:
                await self._announcer.withdrawn(some)

    async def forget(self) -> None:
        """Deletes keys that bind nobody any more, and events that nobody is to be told."""
        while await idempotency.forget(self._pool, kept=IDEMPOTENCY_KEPT, limit=AT_ONCE) == AT_ONCE:
            pass
        while await dedupes.forget(self._pool, limit=AT_ONCE) == AT_ONCE:
            pass
        while await webhook_events.forget(self._pool, kept=EVENTS_KEPT, limit=AT_ONCE) == AT_ONCE:
            pass
