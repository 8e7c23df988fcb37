"""Announcing what was committed: hints over the bus, a word to the worker. All of it may fail: the rows are there."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from uuid import UUID

import structlog

from hub import metrics
from hub.draft import Draft, start_of
from hub.hint import EntryHint, StateHint, pack, user_channel
from hub.live import frames
from hub.notification import EntryJson, Stored, Withdrawn
from hub.queue import Queue
from hub.store import due
from hub.store.clearings import GATHERED_S
from hub.store.postgres import UNAVAILABLE, Pool

log = structlog.get_logger()

SLICE = 250  # entries packed and published at once: a large commit leaves the loop to others in between

Publish = Callable[[Sequence[tuple[str, bytes]]], Awaitable[list[int] | None]]


class Announcer:
    """Tells a user's nodes, and the worker when a push is due or to be cleared."""

    def __init__(self, pool: Pool, queue: Queue, publish: Publish, *, ack_deadline_s: float) -> None:
        self._pool = pool
        self._queue = queue
        self._publish = publish
        self._ack_deadline_s = ack_deadline_s

    async def announce(self, drafts: Sequence[Draft], stored: Sequence[Stored], withdrawn: Sequence[Withdrawn]) -> None:
        """Never raises: what was committed stays accepted, and found, whatever fails here."""
        started = time.perf_counter()
        try:
            await self._stored(drafts, stored)
            for draft in drafts:
                if draft.audience is not None:
                    await self._queue.audience(draft.id)
            await self._withdrawn(withdrawn)
        except Exception:
            log.exception("announce.failed", entries=len(stored), withdrawn=len(withdrawn))
        metrics.hop_published.observe(time.perf_counter() - started)

    async def withdrawn(self, withdrawn: Sequence[Withdrawn]) -> None:
        """Every connection of these users hears that the entries are gone. Never raises."""
        await self.announce([], [], withdrawn)

    async def _withdrawn(self, withdrawn: Sequence[Withdrawn]) -> None:
        for start in range(0, len(withdrawn), SLICE):
            await self._publish([_withdrawal(one) for one in withdrawn[start : start + SLICE]])
        if any(one.maybe_shown for one in withdrawn):
            await self._queue.clear(GATHERED_S)

    async def _stored(self, drafts: Sequence[Draft], stored: Sequence[Stored]) -> None:
        if not stored:
            return
        committed_at = stored[0].created_at  # of the whole transaction
        entries = {draft.id: EntryJson(draft, committed_at) for draft in drafts}
        starts = {draft.id: start_of(draft, self._ack_deadline_s) for draft in drafts}
        in_order = sorted(stored, key=attrgetter("user_id", "seq"))  # a user's hints in the order of their seq
        hurried = 0
        for start in range(0, len(in_order), SLICE):
            some = in_order[start : start + SLICE]
            holders = await self._publish(list(_hints(some, entries)))
            if holders is None:  # nobody knows who is connected: the ack deadline decides
                metrics.publish_failed.inc(len(some))
                continue
            metrics.published.inc(len(some))
            alone = [
                entry
                for entry, nodes in zip(some, holders, strict=True)
                if not nodes and starts[entry.notification_id].hurries
            ]
            hurried += len(alone)
            if alone:
                await self._hurry(alone)
        if hurried < len(stored):
            times = {start.due_in_s for start in starts.values() if start.due_in_s is not None}
            for due_in_s in sorted(times):
                await self._queue.wake(committed_at + timedelta(seconds=due_in_s))

    async def _hurry(self, alone: list[Stored]) -> None:
        try:
            await due.hurry(self._pool, alone)
        except UNAVAILABLE as error:  # they are due at the ack deadline all the same
            log.warning("announce.hurry_failed", entries=len(alone), error=type(error).__name__)
        else:
            await self._queue.wake(datetime.now(UTC))


def _hints(stored: Sequence[Stored], entries: Mapping[UUID, EntryJson]) -> Iterator[tuple[str, bytes]]:
    now = time.time()
    for user_id, seq, notification_id, _ in stored:
        yield user_channel(user_id), pack(EntryHint(seq, now, entries[notification_id].at(seq)))


def _withdrawal(one: Withdrawn) -> tuple[str, bytes]:
    frame = frames.state("withdrawn", one.seqs, unread=one.unread, head=one.head)
    return user_channel(one.user_id), pack(StateHint(frame))
