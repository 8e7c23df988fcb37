"""Archiving: what a user puts away leaves the list and counts as read; it may be taken back.

Each change counts the inbox's `archive_rev` up. The unread count does not tell a device that was away that something it
shows was archived; this number does.
"""

from collections.abc import Sequence

from hub.store import clearings
from hub.store.inbox import NOTHING, Marked, locked
from hub.store.outbox import telling, with_events
from hub.store.postgres import Pool

# What this transaction wrote has its now(), so that is what became read, or was acknowledged, by this.
_ARCHIVE = with_events(
    """
with archived as (
    update entries set
        archived_at = now(), read_at = coalesce(read_at, now()), seen_at = coalesce(seen_at, now()),
        acked_at = coalesce(acked_at, now()), due_at = null
    where user_id = $1 and seq = any($2) and archived_at is null and withdrawn_at is null
    returning user_id, seq, notification_id, acked_at = now() as is_first, read_at = now() as is_read,
              read_at = now() and {maybe_shown} as maybe_shown
), noted as ({noted}
), delivered as ({delivered}
), known as ({read})
update inboxes set
    unread = unread - (select count(*) from archived where is_read),
    archive_rev = coalesce(archive_rev, 0) + (exists (select from archived))::int
where user_id = $1
returning unread, head, array(select seq from archived order by seq) as seqs,
          exists (select from archived where maybe_shown) as maybe_shown, coalesce(archive_rev, 0) as archive_rev
""",
    maybe_shown=clearings.MAYBE_SHOWN,
    noted=clearings.noted("archived"),
    delivered=telling("notification.delivered", told="archived", where="t.is_first"),
    read=telling("notification.read", told="archived", where="t.is_read"),
)

_UNARCHIVE = """
with back as (
    update entries set archived_at = null
    where user_id = $1 and seq = any($2) and archived_at is not null and withdrawn_at is null
    returning seq
)
update inboxes set archive_rev = coalesce(archive_rev, 0) + (exists (select from back))::int
where user_id = $1
returning unread, head, array(select seq from back order by seq) as seqs, false as maybe_shown,
          coalesce(archive_rev, 0) as archive_rev
"""


async def archive(db: Pool, user_id: str, seqs: Sequence[int]) -> Marked:
    """The user put these entries away, which reads them."""
    return await _move(db, _ARCHIVE, user_id, seqs)


async def unarchive(db: Pool, user_id: str, seqs: Sequence[int]) -> Marked:
    """The user took these back. They stay read."""
    return await _move(db, _UNARCHIVE, user_id, seqs)


async def _move(db: Pool, statement: str, user_id: str, seqs: Sequence[int]) -> Marked:
    async with db.acquire() as connection, connection.transaction():
        if not await locked(connection, user_id):
            return NOTHING
        row = await connection.fetchrow(statement, user_id, seqs)
    return NOTHING if row is None else Marked(**dict(row))
