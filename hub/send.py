"""Sending: store, then hint. A notification is accepted when Postgres has committed it; all that follows may fail."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NoReturn
from uuid import UUID

import structlog

from delivery import ladder
from hub import metrics
from hub.batcher import Batcher
from hub.bus import Bus
from hub.hint import EntryHint, pack, user_channel
from hub.notification import Draft, EntryJson, Stored
from hub.queue import Queue
from hub.store import due, notifications
from hub.store.postgres import UNAVAILABLE, Pool

log = structlog.get_logger()

DRAFTS_A_COMMIT = 200


class Sender:
    """Stores drafts that arrive together in one commit, and announces them."""

    def __init__(self, pool: Pool, bus: Bus, queue: Queue, *, ack_deadline: timedelta) -> None:
        self._pool = pool
        self._bus = bus
        self._queue = queue
        self._ack_deadline = ack_deadline
        self._commits: Batcher[Draft, list[Stored]] = Batcher(self._commit, limit=DRAFTS_A_COMMIT)

    async def send(self, draft: Draft) -> list[Stored]:
        """Returns after the commit, one entry a user. Raises what Postgres raises; then nothing was accepted, unless
        the connection went while it was committing."""
        started = time.perf_counter()
        stored = await self._commits.submit(draft)
        metrics.hop_stored.observe(time.perf_counter() - started)
        metrics.accepted.inc()
        return stored

    async def serve(self) -> NoReturn:
        """Commits until cancelled."""
        await self._commits.serve()

    async def _commit(self, drafts: list[Draft]) -> Sequence[list[Stored]]:
        stored = await notifications.store(self._pool, drafts, step=ladder.PUSH_STEP, due_in=self._ack_deadline)
        committed_at = time.perf_counter()
        metrics.stored.inc(len(stored))
        by_draft: dict[UUID, list[Stored]] = defaultdict(list)
        for entry in stored:
            by_draft[entry.notification_id].append(entry)
        try:
            await self._announce(drafts, stored)
        except Exception:  # whatever it is, they are committed: the answer is a 2xx
            log.exception("send.announce_failed", entries=len(stored))
        metrics.hop_published.observe(time.perf_counter() - committed_at)
        return [by_draft[draft.id] for draft in drafts]

    async def _announce(self, drafts: list[Draft], stored: list[Stored]) -> None:
        stored = sorted(stored, key=attrgetter("user_id", "seq"))  # a user's hints in the order of their seq
        committed_at = stored[0].created_at  # of the whole statement
        entries = {draft.id: EntryJson(draft, committed_at) for draft in drafts}
        now = time.time()
        messages = [
            (user_channel(user_id), pack(EntryHint(seq, now, entries[notification_id].at(seq))))
            for user_id, seq, notification_id, _ in stored
        ]
        holders = await self._bus.publish(messages)
        if holders is None:  # nobody knows who is connected: the ack deadline decides
            metrics.publish_failed.inc(len(stored))
            return
        metrics.published.inc(len(stored))
        alone = [entry for entry, nodes in zip(stored, holders, strict=True) if not nodes]
        if alone:
            await self._hurry(alone)
        if len(alone) < len(stored):
            await self._queue.wake(stored[0].created_at + self._ack_deadline)

    async def _hurry(self, alone: list[Stored]) -> None:
        try:
            await due.hurry(self._pool, alone)
        except UNAVAILABLE as error:  # they are due at the ack deadline all the same
            log.warning("send.hurry_failed", entries=len(alone), error=type(error).__name__)
        else:
            await self._queue.wake(datetime.now(UTC))
