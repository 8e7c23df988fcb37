"""Storing notifications, and telling how far they came."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hub.notification import Draft, EntryStatus, Priority, Stored
from hub.store.postgres import Database

# One statement, so one commit, for everything that arrived together. The inbox row's lock is held from taking
# a seq to the commit: that makes seq order commit order. Users in one order: two batches cannot deadlock.
_STORE = """
with notified as (
    insert into notifications (id, title, message, data, priority, sender)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::text[], $6::text[])
), addressed as (
    select * from unnest($7::uuid[], $8::text[]) with ordinality as a (notification_id, user_id, place)
), heads as (
    insert into inboxes as i (user_id, head, unread)
    select user_id, count(*), count(*) from addressed group by user_id order by user_id
    on conflict (user_id) do update
        set head = i.head + excluded.head, unread = i.unread + excluded.unread, updated_at = now()
    returning user_id, head
)
insert into entries (user_id, seq, notification_id, step, due_at)
select user_id,
       head - count(*) over (partition by user_id) + row_number() over (partition by user_id order by place),
       notification_id, $9, now() + $10
from addressed join heads using (user_id)
returning user_id, seq, notification_id, created_at
"""

_NOTIFICATION = """
select n.id, n.title, n.message, n.data, n.priority, n.created_at,
       count(e) as accepted, count(e.acked_at) as delivered, count(e.seen_at) as seen, count(e.read_at) as read,
       count(e.pushed_at) as pushed, count(e.failed_at) as failed
from notifications n left join entries e on e.notification_id = n.id
where n.id = $1 group by n.id
"""

_STATUS = """
select user_id, seq, created_at as accepted_at, acked_at as delivered_at, seen_at, read_at,
       pushed_at, failed_at, failure
from entries where notification_id = $1 and user_id > $2 order by user_id limit $3
"""

_ATTEMPTS = """
select user_id, session_id, channel, number, started_at, finished_at, outcome, code, retry_at
from attempts where (user_id, seq) in (select * from unnest($1::text[], $2::bigint[]))
order by user_id, started_at, session_id
"""

_RECENT_ATTEMPTS = """
select channel, coalesce(outcome, 'in_flight'), count(*)
from attempts where started_at > now() - interval '1 hour' group by 1, 2
"""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many users' entries have come this far. A user may be in several: delivered and seen and pushed."""

    accepted: int
    delivered: int
    seen: int
    read: int
    pushed: int
    failed: int


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A stored notification with its counts."""

    id: UUID
    title: str
    message: str
    data: msgspec.Raw
    priority: Priority
    created_at: datetime
    counts: Counts


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at one session. `outcome` is null while it is in flight."""

    user_id: str
    session_id: UUID
    channel: str
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str | None
    retry_at: datetime | None


async def store(db: Database, drafts: Sequence[Draft], *, step: int, due_in: timedelta) -> list[Stored]:
    """Commits all drafts and one entry a user, all or none. `step` of their ladder is due in `due_in`."""
    rows = await db.fetch(
        _STORE,
        [d.id for d in drafts],
        [d.title for d in drafts],
        [d.message for d in drafts],
        [d.data.decode() for d in drafts],
        [d.priority for d in drafts],
        [d.sender for d in drafts],
        [d.id for d in drafts for _ in d.user_ids],
        [user_id for d in drafts for user_id in d.user_ids],
        step,
        due_in,
    )
    return [Stored(*row) for row in rows]


async def find(db: Database, notification_id: UUID) -> Notification | None:
    """One notification with its counts."""
    row = await db.fetchrow(_NOTIFICATION, notification_id)
    if row is None:
        return None
    counts = Counts(**{name: row[name] for name in Counts.__struct_fields__})
    return Notification(
        id=row["id"],
        title=row["title"],
        message=row["message"],
        data=msgspec.Raw(row["data"]),
        priority=row["priority"],
        created_at=row["created_at"],
        counts=counts,
    )


async def status(db: Database, notification_id: UUID, *, after_user: str, limit: int) -> list[EntryStatus]:
    """A page of users, ordered by id."""
    return [EntryStatus(**dict(row)) for row in await db.fetch(_STATUS, notification_id, after_user, limit)]


async def attempts(db: Database, entries: Sequence[EntryStatus]) -> list[Attempt]:
    """Every attempt at these users' entries, in the order they were made."""
    rows = await db.fetch(_ATTEMPTS, [e.user_id for e in entries], [e.seq for e in entries])
    return [Attempt(**dict(row)) for row in rows]


async def recent_attempts(db: Database) -> list[tuple[str, str, int]]:
    """How many attempts were started in the last hour, by channel and outcome."""
    return [tuple(row) for row in await db.fetch(_RECENT_ATTEMPTS)]
