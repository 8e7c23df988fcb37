"""One user's copy of a notification with everything that decided its way."""

from datetime import datetime
from uuid import UUID

import msgspec

from delivery import ladder
from delivery.ladder import Ladder
from hub.draft import Priority
from hub.store.postgres import Database

_EXPLAINED = """
select e.user_id, e.seq, e.created_at as accepted_at, e.acked_at, e.background, e.seen_at, e.read_at,
       e.archived_at, e.pushed_at, e.failed_at, e.failure, e.withdrawn_at, e.withdrawal, e.step, e.due_at,
       n.priority, n.ladder
from entries e join notifications n on n.id = e.notification_id
where e.notification_id = $1 and e.user_id = $2
"""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Times are null until it happened."""

    user_id: str
    seq: int
    accepted_at: datetime
    acked_at: datetime | None
    background: bool  # acknowledged, but only by devices nobody looked at
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None
    pushed_at: datetime | None
    failed_at: datetime | None
    failure: str | None
    withdrawn_at: datetime | None
    withdrawal: str | None
    step: int
    due_at: datetime | None
    priority: Priority
    ladder: Ladder | None  # None: the default one


async def find(db: Database, notification_id: UUID, user_id: str) -> Explained | None:
    """The user's copy, if there is one."""
    row = await db.fetchrow(_EXPLAINED, notification_id, user_id)
    return None if row is None else Explained(**dict(row) | {"ladder": ladder.stored(row["ladder"])})
