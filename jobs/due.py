"""The due engine: takes entries that are due and makes their next move. The rows say what is left to do, so running
twice is harmless, and a worker that dies leaves nothing behind but a lease that ends."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

import msgspec
import structlog

from delivery import ladder, retry
from delivery.ladder import Ladder, Move
from delivery.message import Message
from delivery.outcome import Accepted, Gone, Outcome, name_of
from delivery.provider import Provider
from delivery.retry import Retry, Stop
from hub.cursor import cursor_at
from hub.store import attempts, due
from hub.store.attempts import Begun, Ended, Moved
from hub.store.due import Claim, LastAttempt
from hub.store.postgres import FAILED, Pool
from hub.vault import Vault
from jobs import metrics
from jobs.attempt_log import AttemptLog
from jobs.lane import Lane, Lanes
from jobs.plan import Plan, Try, code_of, plan, unreadable
from sessions import contacts
from sessions import store as sessions
from sessions.session import Evidence, Reachable

log = structlog.get_logger()

CLAIMS = 250  # in one statement
CANCELLED_S = 60.0  # when what is left of a cancelled notification would be due, if nobody had withdrawn it
PAUSE = 1.0  # after entries with nobody to call, as long as they took: half of the time is the single sends'
IN_HAND = 1000  # entries at once; each holds at most a few requests
TTL_S = 4 * 7 * 86400  # four weeks: the longest a push service keeps a message (FCM)


class DueEngine:
    """Makes the next move of every entry that is due. Entries do not wait for each other: a provider that hangs holds
    those in hand that are to go there. `turn` is held while Postgres works for it. To be made inside the loop it will
    run in."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        providers: Sequence[Provider],
        *,
        lease: timedelta,
        ack_deadline_s: float,
        turn: asyncio.Lock,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._turn = turn
        self._providers = {provider.channel: provider for provider in providers}
        self._lease = lease
        self._ack_deadline_s = ack_deadline_s
        self._log = AttemptLog(pool)
        self.lanes = Lanes()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()  # for as many as one statement claims
        self._room.set()

    async def serve(self) -> NoReturn:
        """Writes down what happens, until cancelled."""
        await self._log.serve()

    async def take(self) -> None:
        """Takes entries into hand until none is due."""
        while True:
            await self._room.wait()
            async with self._turn:
                started = time.perf_counter()
                claims = await due.claim(self._pool, limit=CLAIMS, lease=self._lease)
                if not claims:
                    return
                metrics.claimed.inc(len(claims))
                called = await self._take(claims)
                took = time.perf_counter() - started
            if called < len(claims) / 2:
                await asyncio.sleep(PAUSE * took)

    async def drain(self, within_s: float) -> None:
        """Lets go of what is in hand; what has not ended by then is due again when its lease ends."""
        if not self._in_hand:
            return
        _, late = await asyncio.wait(self._in_hand, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _take(self, claims: Sequence[Claim]) -> int:
        """For how many of them somebody is called."""
        reachable = await self._reachable(claims)
        last = await self._last_attempts(claims)
        moved: list[Moved] = []
        for claim in claims:
            rungs = self._ladder(claim)
            move = self._begin(claim, rungs, reachable[claim.user_id], last[claim.user_id, claim.seq])
            if move is not None:
                moved.append(_moved(claim, move))
        if moved:
            await attempts.move(self._pool, moved)
        return len(claims) - len(moved)

    def _begin(
        self, claim: Claim, rungs: Ladder, reachable: Sequence[Reachable], last: Mapping[UUID, LastAttempt]
    ) -> Move | None:
        """Starts calling the targets of the step that is due; or, when there is nobody to call, what follows."""
        if claim.left_s <= 0:
            return ladder.Finished("expired")
        if claim.cancelled:
            return ladder.Later(claim.step, CANCELLED_S)
        todo = ladder.at(rungs, claim.step, claim.marks, claim.age_s)
        if not isinstance(todo, ladder.Run):
            return todo
        if todo.step != claim.step:  # passed over: from now on in the next one, whose targets are another matter
            return ladder.Later(todo.step, 0.0)
        planned = plan(rungs[todo.step - 1], reachable, last, frozenset(self._providers))
        if planned.failure is not None:
            return ladder.next_or_end(rungs, claim.step, claim.age_s, failure=planned.failure, reached=claim.reached)
        self._start(claim, rungs, planned)
        return None

    def _ladder(self, claim: Claim) -> Ladder:
        return ladder.default(claim.priority, self._ack_deadline_s) if claim.ladder is None else claim.ladder

    def _start(self, claim: Claim, rungs: Ladder, todo: Plan) -> None:
        task = asyncio.create_task(self._advance_alone(claim, rungs, todo))
        self._in_hand.add(task)
        if len(self._in_hand) > IN_HAND - CLAIMS:
            self._room.clear()
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if len(self._in_hand) <= IN_HAND - CLAIMS:
            self._room.set()

    async def _advance_alone(self, claim: Claim, rungs: Ladder, todo: Plan) -> None:
        """Whatever goes wrong with one entry is its own affair: it becomes due again when the lease ends."""
        try:
            await self._advance(claim, rungs, todo)
        except FAILED as error:
            log.warning("due.store_failed", error=type(error).__name__, seq=claim.seq)
        except Exception:
            log.exception("due.entry_failed", notification_id=str(claim.notification_id), seq=claim.seq)

    async def _advance(self, claim: Claim, rungs: Ladder, todo: Plan) -> None:
        tries, later = await self._admitted(todo.tries)
        begun = [Begun(*_entry(claim), one.session.session_id, one.number, one.target.channel) for one in tries]
        called = False
        try:
            called = not begun or await self._log.begin(begun)
        finally:
            if not called:
                for one in tries:
                    self._lane(one).leave(None)
        if not called:  # acknowledged meanwhile, or another worker has it: not ours to move
            return
        answers = await asyncio.gather(*(self._attempt(claim, one) for one in tries))
        results = [*todo.known, *later, *(decision for decision, _ in answers)]
        move = ladder.after(rungs, claim.step, results, claim.age_s, reached=claim.reached)
        await asyncio.gather(*(written for _, written in answers), self._log.write(_moved(claim, move)))

    async def _admitted(self, tries: Sequence[Try]) -> tuple[list[Try], list[Retry]]:
        """Those to be made now; for the others, whose provider is left alone, when."""
        now: list[Try] = []
        later: list[Retry] = []
        for one in tries:
            wait_s = await self._lane(one).enter()
            if wait_s > 0:
                later.append(Retry(wait_s))
            else:
                now.append(one)
        return now, later

    def _lane(self, one: Try) -> Lane:
        return self.lanes[one.target.channel, one.target.app]

    async def _attempt(self, claim: Claim, one: Try) -> tuple[Retry | Stop, asyncio.Future[None]]:
        """Calls a provider once; what it answered is being written down."""
        outcome = await self._call(claim, one)
        decision = retry.after(outcome, one.counted, random.random())  # noqa: S311 - spreads retries, guards nothing
        if isinstance(outcome, Gone) and self._lane(one).believes_gone:
            await self._quarantine(one.session, outcome)
        _log_attempt(claim, one, outcome)
        ended = Ended(
            *_entry(claim),
            one.session.session_id,
            one.number,
            outcome=name_of(outcome),
            code=code_of(outcome),
            provider_id=outcome.provider_id if isinstance(outcome, Accepted) else None,
            retry_in_s=decision.delay_s if isinstance(decision, Retry) else None,
        )
        return decision, self._log.write(ended)

    async def _call(self, claim: Claim, one: Try) -> Outcome:
        channel, lane = one.target.channel, self._lane(one)
        started = time.perf_counter()
        outcome: Outcome | None = None
        try:
            if one.session.flaw is not None:
                log.error("target.unreadable", id=str(one.session.session_id), channel=channel, flaw=one.session.flaw)
                return unreadable(one.session.flaw)
            outcome = await self._providers[channel].send(_message(claim), one.target)
        finally:
            lane.leave(outcome)
        metrics.push_seconds.labels(channel).observe(time.perf_counter() - started)
        metrics.attempts.labels(channel, name_of(outcome)).inc()
        return outcome

    async def _quarantine(self, target: Reachable, gone: Gone) -> None:
        evidence = Evidence(target.channel, gone.code, gone.since)
        if target.channel in {"email", "sms"}:
            taken = await contacts.quarantine(self._pool, self._vault, target, evidence)
        else:
            taken = await sessions.quarantine(self._pool, target.session_id, evidence)
        log.info("target.gone", id=str(target.session_id), channel=target.channel, code=gone.code, taken=taken)

    async def _reachable(self, claims: Sequence[Claim]) -> Mapping[str, list[Reachable]]:
        of_user: dict[str, list[Reachable]] = defaultdict(list)
        users = list({claim.user_id for claim in claims})
        devices = await sessions.reachable(self._pool, self._vault, users)
        for target in devices + await contacts.reachable(self._pool, self._vault, users):
            of_user[target.user_id].append(target)
        return of_user

    async def _last_attempts(self, claims: Sequence[Claim]) -> Mapping[tuple[str, int], dict[UUID, LastAttempt]]:
        of_entry: dict[tuple[str, int], dict[UUID, LastAttempt]] = defaultdict(dict)
        again = [claim for claim in claims if claim.fence > 1]  # at the others nobody has tried
        for attempt in await due.last_attempts(self._pool, again):
            of_entry[attempt.user_id, attempt.seq][attempt.session_id] = attempt
        return of_entry


def _entry(claim: Claim) -> tuple[str, int, int]:
    return claim.user_id, claim.seq, claim.fence


def _moved(claim: Claim, move: Move) -> Moved:
    match move:
        case ladder.Later(step, due_in_s, reached):
            return Moved(*_entry(claim), step, due_in_s, pushed=reached, failure=None)
        case ladder.Finished(failure, reached):
            metrics.finished.labels(failure or ("pushed" if reached or claim.reached else "noticed")).inc()
            return Moved(*_entry(claim), claim.step, None, pushed=reached, failure=failure)


def _message(claim: Claim) -> Message:
    return Message(
        notification_id=str(claim.notification_id),
        user_id=claim.user_id,
        seq=claim.seq,
        cursor=str(cursor_at(claim.seq, claim.notification_id)),
        title=claim.title if claim.push_text is None else claim.push_text,
        message=claim.message if claim.push_text is None else "",
        data=msgspec.Raw(claim.data if claim.push_text is None else b"{}"),
        priority=claim.priority,
        ttl_s=min(TTL_S, claim.left_s),
        unread=claim.unread,
        collapse_key=claim.collapse_key,
        withheld=claim.push_text is not None,
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
