"""The due engine: takes entries that are due and makes their next move. The rows say what is left to do, so running
twice is harmless, and a worker that dies leaves nothing behind but a lease that ends."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
import structlog

from delivery import ladder, retry
from delivery.message import Message
from delivery.outcome import Accepted, Gone, Outcome, name_of
from delivery.provider import Provider
from delivery.retry import Retry, Stop
from hub.cursor import cursor_at
from hub.store import due
from hub.store.due import Claim, LastAttempt
from hub.store.postgres import UNAVAILABLE, Pool
from jobs import metrics
from jobs.plan import Plan, Try, code_of, plan
from sessions import store as sessions
from sessions.session import Reachable

log = structlog.get_logger()

CLAIMS = 250  # entries in hand at once; each holds at most a few requests
TTL_S = 4 * 7 * 86400  # four weeks: the longest a push service keeps a message (FCM)


class DueEngine:
    """Makes the next move of every entry that is due."""

    def __init__(
        self,
        pool: Pool,
        providers: Sequence[Provider],
        *,
        lease: timedelta,
    ) -> None:
        self._pool = pool
        self._providers = {provider.channel: provider for provider in providers}
        self._lease = lease

    async def run(self) -> None:
        """Takes entries until none is due. What is in hand when it is cancelled is due again when its lease ends."""
        while claims := await due.claim(self._pool, limit=CLAIMS, lease=self._lease):
            metrics.claimed.inc(len(claims))
            reachable = await self._reachable(claims)
            last = await self._last_attempts(claims)
            channels = frozenset(self._providers)
            plans = [plan(reachable[claim.user_id], last[claim.user_id, claim.seq], channels) for claim in claims]
            await self._finish_all(claims, plans)
            async with asyncio.TaskGroup() as tasks:
                for claim, todo in zip(claims, plans, strict=True):
                    if _failure(claim, todo) is None:
                        tasks.create_task(self._advance_alone(claim, todo))

    async def _finish_all(self, claims: Sequence[Claim], plans: Sequence[Plan]) -> None:
        """Those that nobody can be tried for."""
        failed = [(c, failure) for c, todo in zip(claims, plans, strict=True) if (failure := _failure(c, todo))]
        if failed:
            await due.finish(self._pool, failed)
        for _, failure in failed:
            metrics.finished.labels(failure).inc()

    async def _advance_alone(self, claim: Claim, todo: Plan) -> None:
        """Whatever goes wrong with one entry is its own affair: it becomes due again when the lease ends."""
        try:
            await self._advance(claim, todo)
        except* UNAVAILABLE as group:
            log.warning("due.store_unavailable", error=type(group.exceptions[0]).__name__)
        except* Exception:
            log.exception("due.entry_failed", notification_id=str(claim.notification_id), seq=claim.seq)

    async def _advance(self, claim: Claim, todo: Plan) -> None:
        results = list(todo.known)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self._attempt(claim, one)) for one in todo.tries]
        answers = [task.result() for task in running]
        if None in answers:  # acknowledged meanwhile, or another worker has it: not ours to move
            return
        results += [answer for answer in answers if answer is not None]
        match ladder.after_push(results):
            case ladder.TryAgain(delay, reached):
                await due.move_on(self._pool, claim, step=claim.step, due_in=delay, pushed=reached, failure=None)
            case ladder.Finished(failure):
                await self._finish(claim, failure)

    async def _attempt(self, claim: Claim, one: Try) -> Retry | Stop | None:
        """Calls a provider once. None: it was not called, because the entry is no longer ours or was acknowledged."""
        session_id, channel = one.session.session_id, one.target.channel
        if not await due.begin_attempt(self._pool, claim, session_id, one.number, channel):
            return None
        started = time.perf_counter()
        outcome = await self._providers[channel].send(_message(claim), one.target)
        metrics.push_seconds.labels(channel).observe(time.perf_counter() - started)
        metrics.attempts.labels(channel, name_of(outcome)).inc()
        decision = retry.after(outcome, one.counted, random.random())  # noqa: S311 - spreads retries, guards nothing
        if isinstance(outcome, Gone):
            await self._quarantine(session_id, channel, outcome)
        await due.finish_attempt(
            self._pool,
            claim,
            session_id,
            one.number,
            outcome=name_of(outcome),
            code=code_of(outcome),
            provider_id=outcome.provider_id if isinstance(outcome, Accepted) else None,
            retry_in=timedelta(seconds=decision.delay_s) if isinstance(decision, Retry) else None,
        )
        _log_attempt(claim, one, outcome)
        return decision

    async def _quarantine(self, session_id: UUID, channel: str, gone: Gone) -> None:
        evidence = sessions.Evidence(channel, gone.code, gone.since)
        kept = await sessions.quarantine(self._pool, session_id, evidence)
        log.info("session.gone", session_id=str(session_id), channel=channel, code=gone.code, result=kept)

    async def _finish(self, claim: Claim, failure: str | None) -> None:
        metrics.finished.labels(failure or "pushed").inc()
        await due.move_on(self._pool, claim, step=claim.step, due_in=None, pushed=failure is None, failure=failure)

    async def _reachable(self, claims: Sequence[Claim]) -> Mapping[str, list[Reachable]]:
        of_user: dict[str, list[Reachable]] = defaultdict(list)
        for session in await sessions.reachable(self._pool, list({claim.user_id for claim in claims})):
            of_user[session.user_id].append(session)
        return of_user

    async def _last_attempts(self, claims: Sequence[Claim]) -> Mapping[tuple[str, int], dict[UUID, LastAttempt]]:
        of_entry: dict[tuple[str, int], dict[UUID, LastAttempt]] = defaultdict(dict)
        for attempt in await due.last_attempts(self._pool, claims):
            of_entry[attempt.user_id, attempt.seq][attempt.session_id] = attempt
        return of_entry


def _failure(claim: Claim, todo: Plan) -> str | None:
    return "expired" if claim.left_s <= 0 else todo.failure


def _message(claim: Claim) -> Message:
    return Message(
        notification_id=str(claim.notification_id),
        user_id=claim.user_id,
        seq=claim.seq,
        cursor=str(cursor_at(claim.seq, claim.notification_id)),
        title=claim.title,
        message=claim.message,
        data=msgspec.Raw(claim.data),
        priority=claim.priority,
        ttl_s=min(TTL_S, claim.left_s),
        unread=claim.unread,
        collapse_key=claim.collapse_key,
    )


def _log_attempt(claim: Claim, one: Try, outcome: Outcome) -> None:
    log.info(
        "attempt",
        notification_id=str(claim.notification_id),
        seq=claim.seq,
        session_id=str(one.session.session_id),
        channel=one.target.channel,
        number=one.number,
        outcome=name_of(outcome),
        code=code_of(outcome),
    )
