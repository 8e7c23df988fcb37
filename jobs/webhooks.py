"""The webhook engine: tells events to the sender's back end. The rows say what is left to tell, so that a worker that
dies leaves nothing behind but leases that end; an event is told again then, under the same id."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, NoReturn, assert_never
from uuid import UUID

import structlog

from delivery.outbound.client import Outbound
from delivery.webhook.post import post
from delivery.webhook.schedule import Again, GaveUp, NotWanted, Told, Verdict, after, words
from hub.batcher import Batcher
from hub.store import webhook_events
from hub.store.postgres import FAILED, Pool
from hub.store.webhook_events import Claim, Disabled, Ended, Fared
from hub.vault import Vault
from jobs import metrics

log = structlog.get_logger()

AT_ONCE = 20  # calls of one webhook, for each worker
LEASE = timedelta(seconds=30)  # three times the deadline of a call
PATIENCE = timedelta(days=5)  # of failures without one success
ROWS = 500  # in one statement
AWAY_S = 5.0  # for an event whose webhook is no more: it waits until somebody enables it


class Result(NamedTuple):
    """How a call ended."""

    claim: Claim
    verdict: Verdict
    answer: str  # in words

    @property
    def ended(self) -> Ended:
        """What becomes of the event."""
        match self.verdict:
            case Told() | GaveUp():
                retry_in_s = None
            case Again(delay_s):
                retry_in_s = delay_s
            case NotWanted():
                retry_in_s = AWAY_S
            case _:
                assert_never(self.verdict)
        return Ended(self.claim.id, self.claim.fence, retry_in_s)


class WebhookEngine:
    """Webhooks do not wait for each other: of each, only so many events are in hand. To be made inside the loop it will
    run in."""

    def __init__(self, pool: Pool, vault: Vault, outbound: Outbound, *, lease: timedelta = LEASE) -> None:
        self._pool = pool
        self._vault = vault
        self._outbound = outbound
        self._lease = lease
        self._results: Batcher[Result, None] = Batcher(self._write, limit=ROWS)
        self._in_hand: Counter[UUID] = Counter()
        self._full: set[UUID] = set()  # those of which there may be more than there was room for
        self._calls: set[asyncio.Task[None]] = set()
        self.on_room: Callable[[], None] = lambda: None
        """Called when a webhook has room for another event, and may have one that is due."""

    async def serve(self) -> NoReturn:
        """Writes down what came back, until cancelled."""
        await self._results.serve()

    async def take(self) -> None:
        """Begins to tell what is due, as far as there is room."""
        before = self._in_hand.copy()
        claims = await webhook_events.claim(self._pool, self._vault, before, at_once=AT_ONCE, lease=self._lease)
        had = before + Counter(claim.webhook_id for claim in claims)
        self._full = {webhook_id for webhook_id, count in had.items() if count >= AT_ONCE}
        for claim in claims:
            self._in_hand[claim.webhook_id] += 1
            task = asyncio.create_task(self._tell_alone(claim))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def drain(self, within_s: float) -> None:
        """Lets go of what is in hand; what has not ended by then is due again when its lease ends."""
        if not self._calls:
            return
        _, late = await asyncio.wait(self._calls, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _tell_alone(self, claim: Claim) -> None:
        """Whatever goes wrong with one event is its own affair: it becomes due again when the lease ends."""
        try:
            await self._tell(claim)
        except FAILED as error:
            log.warning("webhook.store_failed", error=type(error).__name__, event_id=claim.event.id)
        except Exception:
            log.exception("webhook.event_failed", event_id=claim.event.id)
        finally:
            self._let_go(claim.webhook_id)

    def _let_go(self, webhook_id: UUID) -> None:
        self._in_hand[webhook_id] -= 1
        if not self._in_hand[webhook_id]:
            del self._in_hand[webhook_id]
        if webhook_id in self._full:
            self.on_room()

    async def _tell(self, claim: Claim) -> None:
        answer = await post(self._outbound, claim.url, claim.signing, claim.event)
        verdict = after(answer, claim.failures, random.random(), datetime.now(UTC))  # noqa: S311 - spreads retries
        result = Result(claim, verdict, words(answer))
        _log(result)
        await self._results.submit(result)

    async def _write(self, results: list[Result]) -> list[None]:
        """How the webhooks fared first: a kill in between has the events told again, and nothing forgotten."""
        for disabled in await webhook_events.fared(self._pool, _fared(results), patience=PATIENCE):
            _log_disabled(disabled)
        await webhook_events.end(self._pool, [result.ended for result in results])
        return [None] * len(results)


def _fared(results: Sequence[Result]) -> list[Fared]:
    """Of each webhook, all that came back in one."""
    of_each: dict[tuple[UUID, str], Fared] = {}
    for result in results:
        key = result.claim.webhook_id, result.claim.url
        before = of_each.get(key, Fared(*key, succeeded=False, failure=None, gone=False))
        if isinstance(result.verdict, Told):
            of_each[key] = before._replace(succeeded=True)
        else:
            gone = before.gone or isinstance(result.verdict, NotWanted)
            of_each[key] = before._replace(failure=result.answer, gone=gone)
    return list(of_each.values())


def _log(result: Result) -> None:
    verdict = _NAMES[type(result.verdict)]
    metrics.webhook_calls.labels(verdict).inc()
    tell = log.warning if isinstance(result.verdict, GaveUp) else log.info
    tell(
        f"webhook.{verdict}",
        event_id=result.claim.event.id,
        webhook_id=str(result.claim.webhook_id),
        type=result.claim.event.type,
        failures=result.claim.failures,
        answer=result.answer,
    )


def _log_disabled(disabled: Disabled) -> None:
    metrics.webhooks_disabled.labels(disabled.reason).inc()
    log.warning("webhook.disabled", webhook_id=str(disabled.webhook_id), reason=disabled.reason)


_NAMES: dict[type[Verdict], str] = {Told: "told", Again: "failed", GaveUp: "gave_up", NotWanted: "gone"}
