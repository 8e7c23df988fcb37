"""Telling how far notifications came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from hub.draft import Priority
from hub.notification import EntryStatus
from hub.store.postgres import Database

_NOTIFICATION = """
select n.id, n.title, n.message, n.data, n.priority, n.topic, n.collapse_key, n.created_at, n.expires_at,
       n.cancelled_at, a.planned, a.finished_at is null as storing,
       count(e) as accepted, count(e.acked_at) as delivered, count(e.seen_at) as seen, count(e.read_at) as read,
       count(e.pushed_at) as pushed, count(e.failed_at) as failed, count(e.withdrawn_at) as withdrawn
from notifications n
left join audiences a on a.notification_id = n.id
left join entries e on e.notification_id = n.id
where n.id = $1 group by n.id, a.notification_id
"""

_STATUS = """
select user_id, seq, created_at as accepted_at, acked_at as delivered_at, seen_at, read_at, archived_at,
       pushed_at, failed_at, failure, withdrawn_at, withdrawal
from entries where notification_id = $1 and user_id > $2 order by user_id limit $3
"""

_ATTEMPTS = """
select user_id, step, session_id, channel, number, started_at, finished_at, outcome, code, retry_at, cleared_at
from attempts where (user_id, seq) in (select * from unnest($1::text[], $2::bigint[]))
order by user_id, started_at, session_id
"""

_SETTLED = """
select id from unnest($1::uuid[]) as w (id) where not exists (
    select from entries where notification_id = w.id
    and coalesce(acked_at, pushed_at, failed_at, withdrawn_at) is null
)
"""

_RECENT_ATTEMPTS = """
select channel, coalesce(outcome, 'in_flight'), count(*)
from attempts where started_at > now() - interval '1 hour' group by 1, 2
"""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many users' entries have come this far. A user may be in several: delivered and seen and pushed."""

    planned: int  # more than accepted while a large audience is being stored
    accepted: int
    delivered: int
    seen: int
    read: int
    pushed: int
    failed: int
    withdrawn: int


class Notification(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "notification_id"}):
    """A stored notification with its counts."""

    id: UUID
    title: str
    message: str
    data: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
    priority: Priority
    topic: str | None
    collapse_key: str | None
    created_at: datetime
    expires_at: datetime | None
    cancelled_at: datetime | None
    counts: Counts


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at one session. `outcome` is null while it is in flight."""

    user_id: str
    step: int  # of the ladder
    session_id: UUID
    channel: str
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str | None
    retry_at: datetime | None
    cleared_at: datetime | None  # the device was told to show it no more


async def find(db: Database, notification_id: UUID) -> Notification | None:
    """One notification with its counts."""
    row = await db.fetchrow(_NOTIFICATION, notification_id)
    if row is None:
        return None
    fields = dict(row) | {"data": msgspec.Raw(row["data"])}
    if not fields.pop("storing") or fields["planned"] is None:  # who had it already is planned no more
        fields["planned"] = row["accepted"]
    counts = Counts(**{name: fields.pop(name) for name in Counts.__struct_fields__})
    return Notification(**fields, counts=counts)


async def status(db: Database, notification_id: UUID, *, after_user: str, limit: int) -> list[EntryStatus]:
    """A page of users, ordered by id."""
    return [EntryStatus(**dict(row)) for row in await db.fetch(_STATUS, notification_id, after_user, limit)]


async def attempts(db: Database, entries: Sequence[tuple[str, int]]) -> list[Attempt]:
    """Every attempt at these entries, given by (user, seq), in the order they were made."""
    rows = await db.fetch(_ATTEMPTS, [user_id for user_id, _ in entries], [seq for _, seq in entries])
    return [Attempt(**dict(row)) for row in rows]


async def settled(db: Database, notification_ids: Sequence[UUID]) -> list[UUID]:
    """Those of which no user's entry is still on its way."""
    return [row["id"] for row in await db.fetch(_SETTLED, notification_ids)]


async def recent_attempts(db: Database) -> list[tuple[str, str, int]]:
    """How many attempts were started in the last hour, by channel and outcome."""
    return [tuple(row) for row in await db.fetch(_RECENT_ATTEMPTS)]
