"""Entries whose ladder ended although there was somebody to reach, and their second chance."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.store.postgres import Database, touched

# Who has no device at all is no dead letter: there is nothing to mend.
_LIST = """
select e.notification_id, e.user_id, e.seq, e.failed_at, e.failure, n.title
from entries e join notifications n on n.id = e.notification_id
where e.failed_at is not null and e.failure <> 'no_target' and e.withdrawn_at is null
      and (e.failed_at, e.user_id, e.seq) < ($1, $2, $3) and ($4::text is null or e.failure = $4)
order by e.failed_at desc, e.user_id desc, e.seq desc limit $5
"""

# From the first step on. One that a device acknowledged since, or whose time is over, stays as it is.
_REPLAY = """
with dead as (
    select user_id, seq from entries
    where failed_at is not null and failure <> 'no_target' and withdrawn_at is null and acked_at is null
          and (expires_at is null or expires_at > now())
          and ($1::uuid is null or notification_id = $1) and ($2::text is null or user_id = $2)
          and ($3::text is null or failure = $3)
    order by user_id, seq limit $4 for update
)
update entries e set failed_at = null, failure = null, step = 1, due_at = now(), replayed_at = now()
from dead where e.user_id = dead.user_id and e.seq = dead.seq
"""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One user's copy that nobody took."""

    notification_id: UUID
    user_id: str
    seq: int
    failed_at: datetime
    failure: str
    title: str


async def newest(
    db: Database, *, before: tuple[datetime, str, int], failure: str | None, limit: int
) -> Sequence[DeadLetter]:
    """A page, newest first, behind (failed_at, user_id, seq)."""
    return [DeadLetter(**dict(row)) for row in await db.fetch(_LIST, *before, failure, limit)]


async def replay(
    db: Database, *, notification_id: UUID | None, user_id: str | None, failure: str | None, limit: int
) -> int:
    """Makes up to `limit` of those meant due again; gives how many."""
    return touched(await db.execute(_REPLAY, notification_id, user_id, failure, limit))
