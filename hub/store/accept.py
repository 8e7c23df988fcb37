"""Storing what was asked for: drafts become notifications and entries, all of a batch in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from hub.draft import Acceptance, Draft, Duplicate, IdempotencyKeyReusedError, Priority, start_of
from hub.notification import Stored, Withdrawn
from hub.store import audiences, dedupes, idempotency, withdrawals
from hub.store.postgres import Database, Pool, Transaction

# The inbox row's lock is held from taking a seq to the commit: that makes seq order commit order. Users in one order:
# two batches cannot deadlock. The same for drafts that come now and for a stored notification's next users.
_ENTRIES = """
addressed as (
    select * from unnest($1::uuid[], $2::text[]) with ordinality as a (notification_id, user_id, place)
), heads as (
    insert into inboxes as i (user_id, head, unread)
    select user_id, count(*), count(*) from addressed group by user_id order by user_id
    on conflict (user_id) do update
        set head = i.head + excluded.head, unread = i.unread + excluded.unread, updated_at = now()
    returning user_id, head
)
insert into entries (user_id, seq, notification_id, step, due_at, expires_at, collapse_key, goal, rank, sender)
select user_id,
       head - count(*) over (partition by user_id) + row_number() over (partition by user_id order by place),
       notification_id, 1, now() + make_interval(secs => d.due_in_s), d.expires_at, d.collapse_key,
       d.goal, d.rank, d.sender
from addressed join heads using (user_id) {drafts}
returning user_id, seq, notification_id, created_at
"""

# unnest() fills up with nulls what is shorter; the columns that are most often the same for all are given once.
_NEW = """
with drafts as (
    select d.id, title, message, data, topic, collapse_key, ladder, push_text,
           case when cardinality($7::text[]) = 1 then ($7::text[])[1] else d.priority end as priority,
           case when cardinality($8::text[]) = 1 then ($8::text[])[1] else d.sender end as sender,
           case when cardinality($9::float8[]) = 1 then ($9::float8[])[1] else due_in_s end as due_in_s,
           case when cardinality($10::smallint[]) = 1 then ($10::smallint[])[1] else goal end as goal,
           case when cardinality($11::smallint[]) = 1 then ($11::smallint[])[1] else rank end as rank,
           now() + make_interval(secs => expires_in_s) as expires_at
    from unnest($3::uuid[], $4::text[], $5::text[], $6::json[], $7::text[], $8::text[], $9::float8[], $10::smallint[],
                $11::smallint[], $12::text[], $13::text[], $14::int[], $15::json[],
                $16::text[])
         as d (id, title, message, data, priority, sender, due_in_s, goal, rank, topic, collapse_key, expires_in_s,
               ladder, push_text)
), notified as (
    insert into notifications
        (id, title, message, data, priority, sender, topic, collapse_key, ladder, push_text, expires_at)
    select id, title, message, data, priority, sender, topic, collapse_key, ladder, push_text, expires_at from drafts
), """
_OLD = """
with drafts as (
    select id, expires_at, collapse_key, sender, $4::float8 as due_in_s, $5::smallint as goal, $6::smallint as rank
    from notifications where id = $3
), """

_STORE = _NEW + _ENTRIES.format(drafts="join drafts d on d.id = notification_id")
_STORE_MORE = _OLD + _ENTRIES.format(drafts="cross join drafts d")  # by id, a row is expected, and 1,000 loops made


Value = TypeVar("Value")

RANKS: dict[Priority, int] = {"critical": 0, "high": 1, "normal": 2, "low": 3}


class Accepted(msgspec.Struct, frozen=True):
    """One committed batch: an answer a draft, in order, and what is to be announced."""

    answers: Sequence[Acceptance | IdempotencyKeyReusedError]
    stored: Sequence[Stored]
    withdrawn: Sequence[Withdrawn] = ()


async def accept(pool: Pool, drafts: Sequence[Draft], ack_deadline_s: float) -> Accepted:
    """Commits all drafts, or none and raises what Postgres raises."""
    if all(draft.plain for draft in drafts):  # one statement is a transaction of its own
        stored = await store(pool, drafts, ack_deadline_s)
        return Accepted(_answers(drafts, stored), stored)
    async with pool.acquire() as connection, connection.transaction():
        return await _accept(connection, drafts, ack_deadline_s)


async def store(db: Database, drafts: Sequence[Draft], ack_deadline_s: float) -> list[Stored]:
    """Commits the drafts as they are, looking at nothing that was stored before; within a transaction, or alone."""
    if not drafts:
        return []
    starts = [start_of(d, ack_deadline_s) for d in drafts]
    rows = await db.fetch(
        _STORE,
        [d.id for d in drafts for _ in d.user_ids],
        [user_id for d in drafts for user_id in d.user_ids],
        [d.id for d in drafts],
        [d.title for d in drafts],
        [d.message for d in drafts],
        [d.data.decode() for d in drafts],
        _once([d.priority for d in drafts]),
        _once([d.sender for d in drafts]),
        _once([start.due_in_s for start in starts]),
        _once([start.goal for start in starts]),
        _once([RANKS[d.priority] for d in drafts]),
        _or_none([d.topic for d in drafts]),
        _or_none([d.collapse_key for d in drafts]),
        _or_none([d.expires_in_s for d in drafts]),
        _or_none([None if d.ladder is None else msgspec.json.encode(d.ladder).decode() for d in drafts]),
        _or_none([d.push_text for d in drafts]),
    )
    return [Stored(*row) for row in rows]


async def accept_more(connection: Transaction, draft: Draft, ack_deadline_s: float) -> Accepted:
    """Stores a notification that is there already for further users, within the caller's transaction."""
    fresh, duplicates = await dedupes.claim(connection, [draft])
    start = start_of(draft, ack_deadline_s)
    rows = await connection.fetch(
        _STORE_MORE,
        [draft.id for _ in fresh[0].user_ids],
        fresh[0].user_ids,
        draft.id,
        start.due_in_s,
        start.goal,
        RANKS[draft.priority],
    )
    stored = [Stored(*row) for row in rows]
    return Accepted(
        _answers([draft], stored, await _now(connection), duplicates), stored, await _replace(connection, fresh, stored)
    )


async def _accept(connection: Transaction, drafts: Sequence[Draft], ack_deadline_s: float) -> Accepted:
    """In one order everywhere, so that two batches cannot deadlock: idempotency keys, dedupe keys, inboxes, entries."""
    known = await idempotency.claim(connection, drafts)
    fresh, duplicates = await dedupes.claim(connection, [draft for draft in drafts if draft.id not in known])
    wanted = [draft for draft in fresh if draft.user_ids or draft.id not in duplicates]
    stored = await store(connection, wanted, ack_deadline_s)
    withdrawn = await _replace(connection, wanted, stored)
    now = await _now(connection)
    await audiences.plan(connection, [draft for draft in wanted if draft.audience is not None])
    answers = known | {
        draft.id: answer for draft, answer in zip(fresh, _answers(fresh, stored, now, duplicates), strict=True)
    }
    await idempotency.answer(connection, [draft for draft in fresh if draft.idempotency is not None], answers)
    return Accepted([answers[draft.id] for draft in drafts], stored, withdrawn)


def _once(values: list[Value]) -> list[Value]:
    return values[:1] if values.count(values[0]) == len(values) else values


def _or_none(values: list[Value | None]) -> list[Value | None]:
    return [] if values.count(None) == len(values) else values


async def _replace(connection: Transaction, drafts: Iterable[Draft], stored: Sequence[Stored]) -> list[Withdrawn]:
    """Withdraws the unread entries that these ones replace."""
    key_of = {draft.id: draft.collapse_key for draft in drafts if draft.collapse_key is not None}
    newest: dict[tuple[str, str], int] = {}
    for entry in stored:
        if entry.notification_id in key_of:
            place = entry.user_id, key_of[entry.notification_id]
            newest[place] = max(entry.seq, newest.get(place, 0))
    return await withdrawals.replace(connection, newest) if newest else []


async def _now(connection: Transaction) -> datetime:
    """When this transaction's rows were created."""
    now: datetime = await connection.fetchval("select now()")
    return now


def _answers(
    drafts: Sequence[Draft],
    stored: Sequence[Stored],
    now: datetime | None = None,
    duplicates: Mapping[UUID, Sequence[Duplicate]] | None = None,
) -> list[Acceptance]:
    counts: dict[UUID, int] = dict.fromkeys((draft.id for draft in drafts), 0)
    for entry in stored:
        counts[entry.notification_id] += 1
    created_at = now if now is not None else stored[0].created_at
    return [_answer(draft, counts[draft.id], created_at, (duplicates or {}).get(draft.id, ())) for draft in drafts]


def _answer(draft: Draft, accepted: int, created_at: datetime, duplicates: Sequence[Duplicate]) -> Acceptance:
    nothing_new = duplicates and not accepted
    return Acceptance(
        notification_id=duplicates[0].notification_id if nothing_new else draft.id,
        accepted=accepted,
        created_at=created_at,
        planned=draft.audience.planned if draft.audience is not None else None,
        duplicates=duplicates,
    )
