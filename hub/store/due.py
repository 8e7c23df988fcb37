"""The due engine's SQL: claim entries under a lease and a fence, write attempts down, move entries on.

A claim moves `due_at` to the end of the lease: a worker that dies leaves a row that becomes due by itself. Every
later write names the fence of its claim, so that a worker whose lease is over changes nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.draft import Priority
from hub.notification import Stored
from hub.store.postgres import Database

_CLAIM = """
with due as (
    select user_id, seq from entries where due_at <= now() order by due_at limit $1 for update skip locked
), claimed as (
    update entries e set due_at = now() + $2, fence = fence + 1
    from due where e.user_id = due.user_id and e.seq = due.seq
    returning e.user_id, e.seq, e.notification_id, e.step, e.fence,
              -- without an expiry of its own, as long as a push lives
              extract(epoch from coalesce(e.expires_at, e.created_at + interval '28 days') - now())::int as left_s
)
select c.user_id, c.seq, c.notification_id, c.step, c.fence, c.left_s,
       n.title, n.message, n.data, n.priority, n.collapse_key, i.unread
from claimed c join notifications n on n.id = c.notification_id join inboxes i on i.user_id = c.user_id
"""

# The last attempt at each target of a claimed entry. An unfinished one is a dead worker's: its lease is over.
_LAST_ATTEMPTS = """
select distinct on (a.user_id, a.seq, a.session_id)
       a.user_id, a.seq, a.session_id, a.number,
       -- our own wrong key is no fault of the target: it does not use up its attempts
       count(*) filter (where a.outcome is distinct from 'misconfigured')
           over (partition by a.user_id, a.seq, a.session_id) as counted,
       a.outcome,
       greatest(extract(epoch from a.retry_at - now()), 0)::float8 as retry_in_s
from unnest($1::text[], $2::bigint[], $3::smallint[]) as c (user_id, seq, step)
join attempts a on a.user_id = c.user_id and a.seq = c.seq and a.step = c.step
order by a.user_id, a.seq, a.session_id, a.number desc
"""

# Nothing is inserted, and so nothing is sent, when an ack stopped the ladder or another worker has the entry.
_BEGIN = """
insert into attempts (user_id, seq, step, session_id, number, notification_id, channel, fence)
select e.user_id, e.seq, e.step, $4, $5, e.notification_id, $6, e.fence
from entries e where e.user_id = $1 and e.seq = $2 and e.fence = $3 and e.due_at is not null
on conflict do nothing
returning number
"""

_FINISH_ATTEMPT = """
update attempts set finished_at = now(), outcome = $6, code = $7, provider_id = $8, retry_at = now() + $9::interval
where user_id = $1 and seq = $2 and fence = $3 and session_id = $4 and number = $5 and finished_at is null
"""

# due_at stays null when an ack came meanwhile: that entry is delivered, whatever the provider said.
_MOVE_ON = """
update entries set
    due_at = case when due_at is null then null else now() + $4::interval end,
    step = $5,
    pushed_at = case when $6 then coalesce(pushed_at, now()) else pushed_at end,
    failed_at = case when $7::text is null or due_at is null then failed_at else now() end,
    failure = case when $7::text is null or due_at is null then failure else $7 end
where user_id = $1 and seq = $2 and fence = $3
"""

# Those that end without any attempt, all at once.
_FINISH = """
update entries e set failed_at = now(), failure = f.failure, due_at = null
from unnest($1::text[], $2::bigint[], $3::int[], $4::text[]) as f (user_id, seq, fence, failure)
where e.user_id = f.user_id and e.seq = f.seq and e.fence = f.fence and e.due_at is not null
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
    title: str
    message: str
    data: str
    priority: Priority
    collapse_key: str | None
    unread: int


class LastAttempt(NamedTuple):
    """The newest attempt at one target. `outcome` None: its worker died. `retry_in_s` None: it was the last."""

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
    return [Claim(**dict(row)) for row in await db.fetch(_CLAIM, limit, lease)]


async def last_attempts(db: Database, claims: Sequence[Claim]) -> list[LastAttempt]:
    """What was tried before at the targets of these entries, in their present step."""
    rows = await db.fetch(
        _LAST_ATTEMPTS, [c.user_id for c in claims], [c.seq for c in claims], [c.step for c in claims]
    )
    return [LastAttempt(*row) for row in rows]


async def begin_attempt(db: Database, claim: Claim, session_id: UUID, number: int, channel: str) -> bool:
    """Writes down that a provider is about to be called; False: do not call."""
    begun = await db.fetchval(_BEGIN, claim.user_id, claim.seq, claim.fence, session_id, number, channel)
    return begun is not None


async def finish_attempt(
    db: Database,
    claim: Claim,
    session_id: UUID,
    number: int,
    *,
    outcome: str,
    code: str | None,
    provider_id: str | None,
    retry_in: timedelta | None,
) -> None:
    """Writes down what the provider answered."""
    await db.execute(
        _FINISH_ATTEMPT,
        *(claim.user_id, claim.seq, claim.fence, session_id, number),
        *(outcome, code, provider_id, retry_in),
    )


async def move_on(
    db: Database, claim: Claim, *, step: int, due_in: timedelta | None, pushed: bool, failure: str | None
) -> None:
    """Puts the entry where its ladder says: due again in `due_in`, or finished with None."""
    await db.execute(_MOVE_ON, claim.user_id, claim.seq, claim.fence, due_in, step, pushed, failure)


async def finish(db: Database, failures: Sequence[tuple[Claim, str]]) -> None:
    """Ends the ladders of entries that nobody can be tried for; one that was acknowledged meanwhile is delivered."""
    ordered = sorted(failures, key=lambda failed: (failed[0].user_id, failed[0].seq))
    claims = [claim for claim, _ in ordered]
    await db.execute(
        _FINISH,
        [claim.user_id for claim in claims],
        [claim.seq for claim in claims],
        [claim.fence for claim in claims],
        [failure for _, failure in ordered],
    )


async def hurry(db: Database, entries: Sequence[Stored]) -> None:
    """Makes these entries due now: nobody is connected, so nobody can acknowledge them in time."""
    ordered = sorted((e.user_id, e.seq) for e in entries)
    await db.execute(_HURRY, [user for user, _ in ordered], [seq for _, seq in ordered])


async def backlog(db: Database) -> Backlog:
    """What the worker has not come to yet; a growing age means that it does not keep up or is away."""
    row = await db.fetchrow(_BACKLOG)
    return Backlog(0, 0.0) if row is None else Backlog(row["due"], row["oldest_s"])
