"""Entries that are due: claimed under a lease and a fence, with what was tried before.

A claim moves `due_at` to the end of the lease: a worker that dies leaves a row that becomes due by itself.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from delivery import ladder
from delivery.ladder import Ladder, Marks
from hub.draft import Priority
from hub.notification import Stored
from hub.store.postgres import Database

# Who has entries that wait: one look into the index for each sender and rank. Of each, the longest due; then by turns:
# the first of every sender before the second of any, within a rank. Ranks before each other, except that every fourth
# place of a higher one is a lower one's too: nothing starves. What another worker is taking is passed over.
_CLAIM = """
with recursive queues as (
    (select rank, sender from entries where due_at is not null order by rank, sender limit 1)
    union all
    select n.* from queues q, lateral (
        select rank, sender from entries where due_at is not null and (rank, sender) > (q.rank, q.sender)
        order by rank, sender limit 1
    ) n
), candidates as (
    select e.user_id, e.seq, e.rank,
           row_number() over (partition by e.rank, e.sender order by e.due_at) as turn
    from queues q, lateral (
        select user_id, seq, rank, sender, due_at from entries
        where rank = q.rank and sender = q.sender and due_at <= now() order by due_at limit 2 * $1
    ) e
), ordered as (
    select user_id, seq, turn, row_number() over (partition by rank order by turn) * 4 ^ rank as place from candidates
), due as (
    select e.user_id, e.seq from ordered o join entries e on e.user_id = o.user_id and e.seq = o.seq
    where e.due_at <= now() order by o.place, o.turn limit $1 for update of e skip locked
), claimed as (
    update entries e set due_at = now() + $2, fence = fence + 1
    from due where e.user_id = due.user_id and e.seq = due.seq
    returning e.user_id, e.seq, e.notification_id, e.step, e.fence,
              -- without an expiry of its own, as long as a push lives
              extract(epoch from coalesce(e.expires_at, e.created_at + interval '28 days') - now())::int as left_s,
              extract(epoch from now() - e.created_at)::float8 as age_s,
              e.acked_at is not null as acked, e.background, e.seen_at is not null as seen,
              e.read_at is not null as read, e.pushed_at is not null as reached
)
select c.*, n.title, n.message, n.data, n.priority, n.collapse_key, n.ladder, n.cancelled_at is not null as cancelled,
       i.unread
from claimed c join notifications n on n.id = c.notification_id join inboxes i on i.user_id = c.user_id
"""

# The last attempt at each target of a claimed entry. An unfinished one is a dead worker's: its lease is over.
_LAST_ATTEMPTS = """
select distinct on (a.user_id, a.seq, a.session_id)
       a.user_id, a.seq, a.session_id, a.number,
       -- our own wrong key is no fault of the target: it does not use up its attempts
       count(*) filter (where a.outcome is distinct from 'misconfigured'
                              and (a.started_at > e.replayed_at) is not false)
           over (partition by a.user_id, a.seq, a.session_id) as counted,
       case when a.started_at <= e.replayed_at then 'replayed' else a.outcome end as outcome,
       greatest(extract(epoch from a.retry_at - now()), 0)::float8 as retry_in_s
from unnest($1::text[], $2::bigint[], $3::smallint[]) as c (user_id, seq, step)
join attempts a on a.user_id = c.user_id and a.seq = c.seq and a.step = c.step
join entries e on e.user_id = c.user_id and e.seq = c.seq
order by a.user_id, a.seq, a.session_id, a.number desc
"""

_HURRY = """
update entries e set due_at = now() from unnest($1::text[], $2::bigint[]) as h (user_id, seq)
where e.user_id = h.user_id and e.seq = h.seq and e.due_at is not null and e.fence = 0
"""

_BACKLOG = """
select count(*) as due, coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as oldest_s
from entries where due_at <= now()
"""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An entry this worker has until its lease is over, with what a provider needs of it."""

    user_id: str
    seq: int
    notification_id: UUID
    step: int
    fence: int
    left_s: int  # until it expires
    age_s: float  # since it was accepted
    marks: Marks
    reached: bool  # by an earlier step
    cancelled: bool  # it will be withdrawn in a moment
    ladder: Ladder | None
    title: str
    message: str
    data: str
    priority: Priority
    collapse_key: str | None
    unread: int


class LastAttempt(NamedTuple):
    """The newest attempt at one target. `outcome` None: its worker died; `replayed`: it counts no more.
    `retry_in_s` None: it was the last."""

    user_id: str
    seq: int
    session_id: UUID
    number: int
    counted: int  # of its attempts, those that count towards the limit
    outcome: str | None
    retry_in_s: float | None


class Backlog(NamedTuple):
    """How many entries are due and not yet claimed, and for how long the oldest has been."""

    due: int
    oldest_s: float


async def claim(db: Database, *, limit: int, lease: timedelta) -> list[Claim]:
    """Takes up to `limit` due entries, longest due first, that no other worker is taking."""
    return [_claim(row) for row in await db.fetch(_CLAIM, limit, lease)]


async def last_attempts(db: Database, claims: Sequence[Claim]) -> list[LastAttempt]:
    """What was tried before at the targets of these entries, in their present step."""
    if not claims:
        return []
    rows = await db.fetch(
        _LAST_ATTEMPTS, [c.user_id for c in claims], [c.seq for c in claims], [c.step for c in claims]
    )
    return [LastAttempt(*row) for row in rows]


async def hurry(db: Database, entries: Sequence[Stored]) -> None:
    """Makes these entries due now: nobody is connected, so nobody can acknowledge them in time."""
    ordered = sorted((e.user_id, e.seq) for e in entries)
    await db.execute(_HURRY, [user for user, _ in ordered], [seq for _, seq in ordered])


def _claim(row: asyncpg.Record) -> Claim:
    fields = dict(row)
    marks = Marks(**{name: fields.pop(name) for name in Marks._fields})
    return Claim(**fields | {"marks": marks, "ladder": ladder.stored(fields["ladder"])})


async def backlog(db: Database) -> Backlog:
    """What the worker has not come to yet; a growing age means that it does not keep up or is away."""
    row = await db.fetchrow(_BACKLOG)
    return Backlog(0, 0.0) if row is None else Backlog(row["due"], row["oldest_s"])
