"""One credential of one channel, shared by all entries that go there: how many calls at once, and whether any."""

import asyncio
import time

import structlog

from delivery.breaker import Breaker, MassGone
from delivery.outcome import Gone, Misconfigured, Outcome
from jobs import metrics

CALLS = 600  # at once; fewer than entries in hand, so that a provider that hangs leaves room for the others
SLOT_S = 0.5  # how long an entry in hand waits for its turn
BUSY_S = 1.0  # and how long it is put back for then
# Of those put back. All at once, thousands would be in the way of other channels' entries each time; fewer, and who
# waits is reached late once the provider is back.
BACK_PER_S = 500

log = structlog.get_logger()


class Lane:
    """Whoever was let in leaves again, with what the provider answered, or without having called."""

    def __init__(self, channel: str, app: str) -> None:
        self._names = {"channel": channel, "app": app}
        self._breaker = Breaker()
        self._mass_gone = MassGone()
        self._slots = asyncio.Semaphore(CALLS)
        self._back_at = 0.0  # when the last of those put back comes again
        self._stopped = metrics.stopped.labels(channel, app)

    async def enter(self) -> float:
        """0: call now, then leave. Else in how many seconds to come again."""
        wait_s = self._breaker.admit(time.monotonic())
        if wait_s > 0:
            return self._put_back(wait_s)
        if self._slots.locked():
            try:
                async with asyncio.timeout(SLOT_S):
                    await self._slots.acquire()
            except TimeoutError:
                self._breaker.release()
                return self._put_back(BUSY_S)
        else:
            await self._slots.acquire()
        return 0.0

    def leave(self, outcome: Outcome | None) -> None:
        """With the provider's answer; None: it was not called."""
        self._slots.release()
        if outcome is None:
            self._breaker.release()
            return
        was = self._breaker.reason
        self._breaker.record(outcome, time.monotonic())
        self._mass_gone.record(gone=isinstance(outcome, Gone))
        if self._breaker.reason == was:
            return
        self._stopped.set(self._breaker.reason is not None)
        if self._breaker.reason is None:
            self._back_at = 0.0
            log.info("channel.working", **self._names)
        elif isinstance(outcome, Misconfigured):
            log.error("channel.misconfigured", code=outcome.code, detail=outcome.detail, **self._names)
        else:
            log.warning("channel.unavailable", code=self._breaker.reason, **self._names)

    def _put_back(self, for_s: float) -> float:
        """At least so long, and one after the other."""
        now = time.monotonic()
        self._back_at = max(self._back_at + 1 / BACK_PER_S, now + for_s)
        return self._back_at - now

    @property
    def believes_gone(self) -> bool:
        """Whether a token that the provider calls dead is taken for dead."""
        return not self._mass_gone.tripped


class Lanes(dict[tuple[str, str], Lane]):
    """By channel and app, each made when it is first asked for."""

    def __missing__(self, names: tuple[str, str]) -> Lane:
        self[names] = Lane(*names)
        return self[names]
