"""Withdrawing entries: they are shown no more, their ladders end, and the unread count knows it.

The inbox before its entries, users in one order, as everywhere: nothing here can deadlock with a send.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from hub.notification import Withdrawn
from hub.store import clearings
from hub.store.outbox import telling, with_events
from hub.store.postgres import Pool, Transaction

Why = Literal["cancelled", "replaced", "expired"]

_LOCK = "select 1 from inboxes where user_id = any($1) order by user_id for update"

_WITHDRAW = with_events(
    """
with victims as (
    select e.user_id, e.seq, $3::text = 'expired' and coalesce(e.acked_at, e.pushed_at, e.failed_at) is null as lost
    from entries e join unnest($1::text[], $2::bigint[]) as w (user_id, seq) using (user_id, seq)
    where e.withdrawn_at is null order by e.user_id, e.seq for update of e
), withdrawn as (
    update entries e set
        withdrawn_at = now(), withdrawal = $3, due_at = null,
        failed_at = coalesce(failed_at, case when lost then now() end),
        failure = coalesce(failure, case when lost then $3 end)
    from victims v
    where e.user_id = v.user_id and e.seq = v.seq
    returning e.user_id, e.seq, e.notification_id, e.failure, e.read_at, v.lost, {maybe_shown} as maybe_shown
), failed as ({failed}
), by_user as (
    select user_id, count(*) filter (where read_at is null) as unread, array_agg(seq order by seq) as seqs,
           bool_or(maybe_shown) as maybe_shown
    from withdrawn group by user_id
), noted as ({noted})
update inboxes i set unread = i.unread - b.unread from by_user b where i.user_id = b.user_id
returning i.user_id, b.seqs, i.unread, i.head, b.maybe_shown
""",
    maybe_shown=clearings.MAYBE_SHOWN,
    noted=clearings.noted("withdrawn"),
    failed=telling("notification.failed", told="withdrawn", where="t.lost", more=", 'failure', t.failure"),
)

_REPLACED = """
select e.user_id, e.seq
from unnest($1::text[], $2::text[], $3::bigint[]) as n (user_id, collapse_key, seq)
join entries e on e.user_id = n.user_id and e.collapse_key = n.collapse_key and e.seq < n.seq
where e.read_at is null and e.withdrawn_at is null
"""

_EXPIRED = """
select user_id, seq from entries where expires_at <= now() and withdrawn_at is null order by expires_at limit $1
"""

_OF_NOTIFICATION = """
select user_id, seq from entries where notification_id = $1 and withdrawn_at is null order by user_id limit $2
"""

_CANCEL = "update notifications set cancelled_at = coalesce(cancelled_at, now()) where id = $1 returning id"

# A notification that was just cancelled is its request's; that of one that died is the worker's.
_CANCELLING = """
select id from notifications
where cancelled_at <= now() - $1::interval and withdrawn_at is null order by cancelled_at limit $2
"""
_CANCELLED = "update notifications set withdrawn_at = now() where id = $1"

# Waits for a batch of the audience that is being stored: after this none follows.
_END_AUDIENCE = "update audiences set finished_at = now() where notification_id = $1 and finished_at is null"


async def replace(connection: Transaction, newest: Mapping[tuple[str, str], int]) -> list[Withdrawn]:
    """Withdraws the unread entries with the same (user, collapse key) and a lower seq. The caller's transaction holds
    the inboxes."""
    users, keys, seqs = [user for user, _ in newest], [key for _, key in newest], list(newest.values())
    rows = await connection.fetch(_REPLACED, users, keys, seqs)
    return await _withdraw(connection, [(row["user_id"], row["seq"]) for row in rows], "replaced")


async def cancel(connection: Transaction, notification_id: UUID) -> bool:
    """Marks a notification as cancelled: nothing more is stored of it. False: there is none."""
    if await connection.fetchval(_CANCEL, notification_id) is None:
        return False
    await connection.execute(_END_AUDIENCE, notification_id)
    return True


async def cancelled(pool: Pool, notification_id: UUID, *, limit: int) -> list[Withdrawn] | None:
    """Withdraws up to `limit` entries of a cancelled notification; None: none is left, which is noted."""
    some = await _withdraw_some(pool, _OF_NOTIFICATION, (notification_id, limit), "cancelled")
    if some is None:
        await pool.execute(_CANCELLED, notification_id)
    return some


async def cancelling(pool: Pool, *, older: timedelta, limit: int) -> list[UUID]:
    """Notifications that were cancelled that long ago and may have entries left, oldest first."""
    return [row["id"] for row in await pool.fetch(_CANCELLING, older, limit)]


async def expired(pool: Pool, *, limit: int) -> list[Withdrawn] | None:
    """Withdraws up to `limit` entries whose time is over; None: none is left."""
    return await _withdraw_some(pool, _EXPIRED, (limit,), "expired")


async def _withdraw_some(pool: Pool, which: str, arguments: tuple[object, ...], why: Why) -> list[Withdrawn] | None:
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(which, *arguments)
        if not rows:
            return None
        await connection.execute(_LOCK, list({row["user_id"] for row in rows}))
        return await _withdraw(connection, [(row["user_id"], row["seq"]) for row in rows], why)


async def _withdraw(connection: Transaction, entries: Sequence[tuple[str, int]], why: Why) -> list[Withdrawn]:
    rows = await connection.fetch(_WITHDRAW, [user for user, _ in entries], [seq for _, seq in entries], why)
    return [Withdrawn(*row) for row in rows]
