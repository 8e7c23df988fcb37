"""The clearing engine: what a user has read, or a sender taken back, goes from the screens of the user's devices. Best
effort, again while a provider is away; running twice is harmless."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog

from delivery import retry
from delivery.clearing import Clearing, Clears, Past
from delivery.message import Target
from delivery.outcome import Accepted, Gone, Outcome, name_of
from delivery.retry import MAX_ATTEMPTS, Retry, Stop
from hub.store import clearings
from hub.store.clearings import Claim, OnScreen, Settled
from hub.store.postgres import Pool
from hub.vault import Vault
from jobs import metrics
from jobs.lane import Lane, Lanes
from jobs.screens import screens
from sessions import store as sessions
from sessions.session import Evidence, Reachable

log = structlog.get_logger()

USERS = 50  # at once
WAIT_S = 5.0  # for a push that is on its way, or about to be replaced
TTL_S = 4 * 7 * 86400  # four weeks: a device that comes back shows what waited for it, and is told then


class _Answer(NamedTuple):
    """What became of one device."""

    session_id: UUID
    past: Sequence[Past]
    decision: Retry | Stop


class ClearingEngine:
    """`providers` are those whose devices show something; `lanes` the due engine's: who is left alone is left alone."""

    def __init__(
        self, pool: Pool, vault: Vault, providers: Sequence[Clears], lanes: Lanes, *, lease: timedelta
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._providers = {provider.channel: provider for provider in providers}
        self._lanes = lanes
        self._lease = lease

    async def run(self) -> None:
        """Clears until nothing is due that no other worker has."""
        while claims := await clearings.claim(self._pool, limit=USERS, lease=self._lease):
            await self._clear(claims)

    async def _clear(self, claims: Sequence[Claim]) -> None:
        channels = list(self._providers)
        found: dict[str, list[OnScreen]] = defaultdict(list)
        for one in await clearings.look(self._pool, claims, channels=channels, lease=self._lease):
            found[one.user_id].append(one)
        reachable = await sessions.reachable(self._pool, self._vault, list(found))
        known = {one.session_id: one for one in reachable if one.flaw is None}
        done = await asyncio.gather(*(self._of_user(claim, found[claim.user_id], known) for claim in claims))
        told = [
            (settled.claim.user_id, one.seq, answer.session_id)
            for settled, answers in done
            for answer in answers
            if answer.decision == Stop("accepted")
            for one in answer.past
        ]
        await clearings.cleared(self._pool, told)
        await clearings.settle(self._pool, [settled for settled, _ in done])

    async def _of_user(
        self, claim: Claim, found: Sequence[OnScreen], known: Mapping[UUID, Reachable]
    ) -> tuple[Settled, list[_Answer]]:
        todo = screens(found)
        answers = await asyncio.gather(
            *(self._tell(claim, known[id_], past) for id_, past in todo.past.items() if id_ in known)
        )
        again = [(answer, answer.decision.delay_s) for answer in answers if isinstance(answer.decision, Retry)]
        left = todo.waiting.union(one.seq for answer, _ in again for one in answer.past)
        waits = [WAIT_S] * bool(todo.waiting)
        again_in_s = min([*waits, *(delay_s for _, delay_s in again)], default=0.0)
        return Settled(claim, sorted(left), again_in_s, claim.tries if again else 0), answers

    async def _tell(self, claim: Claim, session: Reachable, past: Sequence[Past]) -> _Answer:
        """Whatever goes wrong with one device is its own affair."""
        clearing = Clearing(claim.user_id, past, claim.unread, claim.head, TTL_S)
        try:
            decision = await self._call(clearing, session, claim.tries)
        except Exception:
            log.exception("clearing.failed", session_id=str(session.session_id), channel=session.channel)
            decision = Retry(WAIT_S)
        return _Answer(session.session_id, past, decision)

    async def _call(self, clearing: Clearing, session: Reachable, tries: int) -> Retry | Stop:
        lane = self._lanes[session.channel, session.app]
        wait_s = await lane.enter()
        if wait_s > 0:
            return Retry(retry.spread(wait_s, random.random()))  # noqa: S311 - guards nothing
        outcome: Outcome | None = None
        try:
            target = Target(session.channel, session.token, session.app, session.platform)
            outcome = await self._providers[session.channel].clear(clearing, target)
        finally:
            lane.leave(outcome)
        _log(clearing, session, outcome)
        await self._believe(outcome, session, lane)
        # Only time ends it: see `clearings.KEPT`.
        return retry.after(outcome, min(tries, MAX_ATTEMPTS - 1), random.random())  # noqa: S311 - guards nothing

    async def _believe(self, outcome: Outcome, session: Reachable, lane: Lane) -> None:
        if isinstance(outcome, Gone) and lane.believes_gone:
            evidence = Evidence(session.channel, outcome.code, outcome.since)
            taken = await sessions.quarantine(self._pool, session.session_id, evidence)
            log.info("target.gone", id=str(session.session_id), channel=session.channel, code=outcome.code, taken=taken)


def _log(clearing: Clearing, session: Reachable, outcome: Outcome) -> None:
    metrics.cleared.labels(session.channel, name_of(outcome)).inc()
    log.info(
        "clearing",
        session_id=str(session.session_id),
        channel=session.channel,
        entries=len(clearing.past),
        outcome=name_of(outcome),
        code=None if isinstance(outcome, Accepted) else outcome.code,
    )
