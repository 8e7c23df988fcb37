"""Sending: store, then announce. A notification is accepted when Postgres has committed it.

Requests that arrive together share one commit. Those to few users and those to many have a lane each, so that a
single notification never waits for a bulk.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NoReturn, TypeAlias

import structlog

from hub import metrics
from hub.announce import Announcer
from hub.batcher import Batcher
from hub.draft import Acceptance, Draft
from hub.store.accept import Accepted, accept
from hub.store.postgres import PATIENCE_S, REFUSED, ROLLED_BACK, UNAVAILABLE, Pool

log = structlog.get_logger()

SINGLE_ENTRIES = 100  # a parcel with more goes through the bulk lane
SINGLE_COMMIT = 500  # entries in one commit of the single lane
BULK_COMMIT = 1000  # and of the bulk lane: some 25 ms of Postgres, during which its users' inboxes are locked
ROLLBACKS = 3
# How long the sender of many waits for a Postgres that neither answers nor hangs up, where others wait PATIENCE_S. What
# is not in the running commit by then is not stored; of what is in it nobody can tell.
BULK_ANSWER_S = 20.0

Parcel: TypeAlias = Sequence[Draft]
Answer: TypeAlias = Acceptance | Exception


class Sender:
    """Stores drafts that arrive together in one commit, and has them announced."""

    def __init__(self, pool: Pool, announcer: Announcer, *, ack_deadline_s: float) -> None:
        self._pool = pool
        self._announcer = announcer
        self._ack_deadline_s = ack_deadline_s
        self._single: Batcher[Parcel, list[Answer]] = Batcher(
            self._commit, limit=SINGLE_COMMIT, weight=_weight, within_s=PATIENCE_S
        )
        self._bulk: Batcher[Parcel, list[Answer]] = Batcher(
            self._commit, limit=BULK_COMMIT, weight=_weight, within_s=BULK_ANSWER_S
        )

    async def send(self, draft: Draft) -> Acceptance:
        """Returns after the commit. Raises what Postgres raises, TimeoutError, and IdempotencyKeyReusedError: then
        nothing was accepted, unless the connection went, or hung, while it was committing."""
        started = time.perf_counter()
        [answer] = await self._lane(len(draft.user_ids)).submit([draft])
        _observe(started, accepted=1 - isinstance(answer, Exception))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def send_all(self, drafts: Sequence[Draft]) -> list[Answer]:
        """Returns when all are decided: an answer each, or what was raised for it alone."""
        started = time.perf_counter()
        lane = self._lane(_weight(drafts))
        answers = list(chain.from_iterable(await asyncio.gather(*map(lane.submit, _parts(drafts)))))
        _observe(started, accepted=sum(isinstance(answer, Acceptance) for answer in answers))
        return answers

    async def serve(self) -> NoReturn:
        """Commits until cancelled."""
        await asyncio.gather(self._single.serve(), self._bulk.serve())
        raise AssertionError("lanes have no end")

    def _lane(self, weight: int) -> Batcher[Parcel, list[Answer]]:
        return self._single if weight <= SINGLE_ENTRIES else self._bulk

    async def _commit(self, parcels: list[Parcel]) -> list[list[Answer]]:
        answers = iter(await self._decide([draft for parcel in parcels for draft in parcel]))
        return [[next(answers) for _ in parcel] for parcel in parcels]

    async def _decide(self, drafts: Sequence[Draft]) -> Sequence[Answer]:
        """Stores them in one commit. When Postgres refuses it, each half by itself: what is refused in the end stands
        alone."""
        try:
            accepted = await self._store(drafts)
        except UNAVAILABLE as error:
            return [error] * len(drafts)
        except REFUSED as error:
            if len(drafts) == 1:
                log.warning("send.refused", notification_id=str(drafts[0].id), error=type(error).__name__)
                return [error]
            middle = len(drafts) // 2
            return [*await self._decide(drafts[:middle]), *await self._decide(drafts[middle:])]
        metrics.stored.inc(len(accepted.stored))
        await self._announcer.announce(drafts, accepted.stored, accepted.withdrawn)
        return accepted.answers

    async def _store(self, drafts: Sequence[Draft]) -> Accepted:
        for _ in range(ROLLBACKS):
            try:
                return await accept(self._pool, drafts, self._ack_deadline_s)
            except ROLLED_BACK as error:  # a deadlock: the same again may well succeed
                log.info("send.rolled_back", drafts=len(drafts), error=type(error).__name__)
        return await accept(self._pool, drafts, self._ack_deadline_s)


def _observe(started: float, *, accepted: int) -> None:
    metrics.hop_stored.observe(time.perf_counter() - started)
    metrics.accepted.inc(accepted)


def _weight(drafts: Parcel) -> int:
    return sum(map(_entries, drafts))


def _entries(draft: Draft) -> int:
    return max(1, len(draft.user_ids))  # an audience's own row weighs as one


def _parts(drafts: Sequence[Draft]) -> Iterator[Parcel]:
    """Runs of drafts that fit a commit of the bulk lane."""
    part: list[Draft] = []
    weight = 0
    for draft in drafts:
        weight += _entries(draft)
        if part and weight > BULK_COMMIT:
            yield part
            part, weight = [], _entries(draft)
        part.append(draft)
    if part:
        yield part
