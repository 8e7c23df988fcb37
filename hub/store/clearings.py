"""Pushes to be cleared from screens, for their entries are over: read, or withdrawn. A row a user, so that all that is
over by the time a worker comes goes in one message a device.

Whatever ends an entry notes it here in its own statement. Entries before clearings, users in one order, as everywhere:
nothing here can deadlock with what notes them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from hub.store.postgres import Database

GATHERED_S = 1.0  # what is read one after the other leaves as one
KEPT = timedelta(hours=1)  # for how long a provider that is away is asked again

# Of a row of entries: nobody was ever called for a fence of 0, or when it failed like this. A call that is on its way
# when the entry ends has been claimed before, so that one is noted too.
MAYBE_SHOWN = """
(pushed_at is not null
 or fence > 0 and coalesce(failure, '') not in ('no_target', 'no_channel', 'gone', 'rejected'))
"""

# An attempt whose push may be on a screen. One without an answer may have been taken.
_THERE = "(finished_at is null or outcome = 'accepted' or code in ('timeout', 'connection_lost'))"

_CLAIM = """
with due as (
    select user_id from clearings where due_at <= now() and (lease_until is null or lease_until <= now())
    order by due_at limit $1 for update skip locked
)
update clearings c set lease_until = now() + $2, fence = c.fence + 1, tries = c.tries + 1
from due join inboxes i on i.user_id = due.user_id where c.user_id = due.user_id
returning c.user_id, c.seqs, c.fence, c.tries, i.unread, i.head
"""

# What a newer entry with the same collapse key has replaced on a screen, or will in a moment, is that one's affair.
_LOOK = f"""
select e.user_id, e.seq, e.notification_id, e.collapse_key, a.session_id,
       a.finished_at is null and a.started_at > now() - $4::interval as in_flight,
       coalesce(newer.is_there, false) as replaced, coalesce(newer.is_due, false) as may_be_replaced
from unnest($1::text[], $2::bigint[]) as c (user_id, seq)
join entries e on e.user_id = c.user_id and e.seq = c.seq
join attempts a on a.user_id = e.user_id and a.seq = e.seq and a.channel = any($3) and a.cleared_at is null and {_THERE}
left join lateral (
    select n.due_at < now() + interval '30 seconds' as is_due, exists (
        select from attempts
        where user_id = n.user_id and seq = n.seq and session_id = a.session_id and {_THERE}
    ) as is_there
    from entries n
    where n.user_id = e.user_id and n.collapse_key = e.collapse_key and n.seq > e.seq
          and n.read_at is null and n.withdrawn_at is null
    order by n.seq desc limit 1
) newer on true
where greatest(e.read_at, e.withdrawn_at) > now() - $5::interval
"""  # noqa: S608 - constants only

_CLEARED = f"""
update attempts a set cleared_at = now()
from unnest($1::text[], $2::bigint[], $3::uuid[]) as c (user_id, seq, session_id)
where a.user_id = c.user_id and a.seq = c.seq and a.session_id = c.session_id and a.cleared_at is null and {_THERE}
"""  # noqa: S608 - constants only

_SETTLE = """
with settled as (
    select c.user_id, s.tries, cardinality(c.seqs) > s.taken as has_new, s.again_in_s,
           array(select seq from unnest($6::text[], $7::bigint[]) as k (user_id, seq) where k.user_id = c.user_id)
           || c.seqs[s.taken + 1:] as seqs
    from unnest($1::text[], $2::int[], $3::int[], $4::smallint[], $5::float8[])
         as s (user_id, fence, taken, tries, again_in_s)
    join clearings c on c.user_id = s.user_id and c.fence = s.fence
    order by c.user_id for update of c
), done as (
    delete from clearings c using settled s where c.user_id = s.user_id and s.seqs = '{}'
)
update clearings c set
    seqs = s.seqs, tries = s.tries, lease_until = null,
    due_at = now() + make_interval(secs => case when s.has_new then least(s.again_in_s, $8) else s.again_in_s end)
from settled s where c.user_id = s.user_id and s.seqs <> '{}'
"""


def noted(ended: str) -> str:
    """The statement that notes entries; `ended` is a query with user_id, seq, and whether it is `maybe_shown`."""
    return f"""
insert into clearings as c (user_id, seqs, due_at)
select user_id, array_agg(seq order by seq), now() + interval '{GATHERED_S} seconds'
from {ended} where maybe_shown group by user_id order by user_id
on conflict (user_id) do update set seqs = c.seqs || excluded.seqs, due_at = least(c.due_at, excluded.due_at)
"""  # noqa: S608 - constants only


class Claim(NamedTuple):
    """A user this worker has until its lease is over."""

    user_id: str
    seqs: list[int]
    fence: int
    tries: int  # with this one
    unread: int
    head: int


class OnScreen(NamedTuple):
    """An entry that is over, and an attempt that may have brought it to a session's screen."""

    user_id: str
    seq: int
    notification_id: UUID
    collapse_key: str | None
    session_id: UUID
    in_flight: bool  # nobody knows yet
    replaced: bool  # a newer one stands in its place
    may_be_replaced: bool  # before long


class Settled(NamedTuple):
    """What is left to do for a claimed user: `seqs`, after so many seconds."""

    claim: Claim
    seqs: Sequence[int]
    again_in_s: float
    tries: int


async def claim(db: Database, *, limit: int, lease: timedelta) -> list[Claim]:
    """Takes up to `limit` users, longest due first, that no other worker has."""
    return [Claim(*row) for row in await db.fetch(_CLAIM, limit, lease)]


async def look(db: Database, claims: Sequence[Claim], *, channels: Sequence[str], lease: timedelta) -> list[OnScreen]:
    """What may be on the screens of claimed users; without what ended too long ago. An attempt without an answer is
    in flight as long as the lease of an entry."""
    wanted = sorted({(claim.user_id, seq) for claim in claims for seq in claim.seqs})
    rows = await db.fetch(_LOOK, [user for user, _ in wanted], [seq for _, seq in wanted], channels, lease, KEPT)
    return [OnScreen(*row) for row in rows]


async def cleared(db: Database, entries: Sequence[tuple[str, int, UUID]]) -> None:
    """The sessions' providers were told: (user, seq, session)."""
    if entries:
        await db.execute(_CLEARED, *zip(*sorted(entries), strict=True))


async def settle(db: Database, settled: Sequence[Settled]) -> None:
    """Lets go of claimed users; of whom nothing is left, no row is."""
    kept = [(one.claim.user_id, seq) for one in settled for seq in one.seqs]
    await db.execute(
        _SETTLE,
        [one.claim.user_id for one in settled],
        [one.claim.fence for one in settled],
        [len(one.claim.seqs) for one in settled],
        [one.tries for one in settled],
        [one.again_in_s for one in settled],
        [user for user, _ in kept],
        [seq for _, seq in kept],
        GATHERED_S,
    )
