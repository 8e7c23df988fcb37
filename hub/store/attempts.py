"""What the worker writes down around a call of a provider, many entries in one statement.

Every write names the fence of its claim: a worker whose lease is over changes nothing. Rows are taken in one order, by
user and seq, so that two writers cannot deadlock.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from hub.store import clearings
from hub.store.outbox import telling, with_events
from hub.store.postgres import Database

# Nothing is inserted, and so nothing is sent, when an ack stopped the ladder or another worker has the entry.
_BEGIN = """
insert into attempts (user_id, seq, step, session_id, number, notification_id, channel, fence)
select e.user_id, e.seq, e.step, b.session_id, b.number, e.notification_id, b.channel, e.fence
from unnest($1::text[], $2::bigint[], $3::int[], $4::uuid[], $5::smallint[], $6::text[])
     as b (user_id, seq, fence, session_id, number, channel)
join entries e on e.user_id = b.user_id and e.seq = b.seq and e.fence = b.fence and e.due_at is not null
on conflict do nothing
returning user_id, seq, session_id
"""

# The sub-selects hide the length of the arrays from the planner: it keeps one plan for all.
_END = with_events(
    """
with ended as (
    update attempts a set finished_at = now(), outcome = f.outcome, code = f.code, provider_id = f.provider_id,
                          retry_at = now() + f.retry_in_s * interval '1 second'
    from unnest((select $1::text[]), $2::bigint[], $3::int[], $4::uuid[], $5::smallint[], $6::text[], $7::text[],
                $8::text[], $9::float8[])
         as f (user_id, seq, fence, session_id, number, outcome, code, provider_id, retry_in_s)
    where a.user_id = f.user_id and a.seq = f.seq and a.fence = f.fence and a.session_id = f.session_id
          and a.number = f.number and a.finished_at is null
    returning a.user_id, a.seq, a.notification_id, a.channel, a.session_id, a.outcome
)
{pushed}
""",
    pushed=telling(
        "notification.pushed",
        told="ended",
        where="t.outcome = 'accepted'",
        more=", 'channel', t.channel, 'session_id', t.session_id",
    ),
)

# due_at stays null when an ack came meanwhile: that entry is delivered, whatever the provider said.
# One that was read or withdrawn while its push was on the way is shown now.
_MOVE = with_events(
    """
with moved as (
    update entries e set
        due_at = case when e.due_at is null then null else now() + m.due_in_s * interval '1 second' end,
        step = m.step,
        pushed_at = case when m.pushed then coalesce(e.pushed_at, now()) else e.pushed_at end,
        failed_at = case when m.failure is null or e.due_at is null then e.failed_at else now() end,
        failure = case when m.failure is null or e.due_at is null then e.failure else m.failure end
    from unnest((select $1::text[]), $2::bigint[], $3::int[], $4::smallint[], $5::float8[], $6::bool[], $7::text[])
         as m (user_id, seq, fence, step, due_in_s, pushed, failure)
    where e.user_id = m.user_id and e.seq = m.seq and e.fence = m.fence
    returning e.user_id, e.seq, e.notification_id, e.failure, e.failed_at = now() as has_failed,
              m.pushed and coalesce(e.read_at, e.withdrawn_at) is not null as maybe_shown
), noted as ({noted})
{failed}
""",
    noted=clearings.noted("moved"),
    failed=telling("notification.failed", told="moved", where="t.has_failed", more=", 'failure', t.failure"),
)


class Begun(NamedTuple):
    """A provider is about to be called for this target of a claimed entry."""

    user_id: str
    seq: int
    fence: int
    session_id: UUID
    number: int
    channel: str


class Ended(NamedTuple):
    """What the provider answered."""

    user_id: str
    seq: int
    fence: int
    session_id: UUID
    number: int
    outcome: str
    code: str | None
    provider_id: str | None
    retry_in_s: float | None  # None: it was the last attempt at this target


class Moved(NamedTuple):
    """Where its ladder puts a claimed entry: due again, or finished."""

    user_id: str
    seq: int
    fence: int
    step: int
    due_in_s: float | None  # None: nothing is left to do
    pushed: bool
    failure: str | None


async def begin(db: Database, attempts: Sequence[Begun]) -> list[bool]:
    """Whether each may be called: not once an ack stopped the ladder, nor without the lease."""
    rows = await db.fetch(_BEGIN, *_columns(attempts))
    begun = {(row["user_id"], row["seq"], row["session_id"]) for row in rows}
    return [(attempt.user_id, attempt.seq, attempt.session_id) in begun for attempt in attempts]


async def end(db: Database, attempts: Sequence[Ended]) -> None:
    """Writes answers down."""
    await db.execute(_END, *_columns(attempts))


async def move(db: Database, entries: Sequence[Moved]) -> None:
    """Puts entries where their ladders say."""
    await db.execute(_MOVE, *_columns(entries))


def _columns(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*sorted(rows, key=itemgetter(0, 1)), strict=True))
