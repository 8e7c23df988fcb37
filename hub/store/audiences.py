"""Large audiences: users whom a notification has still to be stored for, a batch a transaction.

The open row is locked while its next batch is stored, and moved on in the same transaction: a worker that dies leaves
a row that another one takes at once, and nobody is stored for twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from delivery import ladder
from hub.draft import Dedupe, Draft
from hub.store.postgres import Transaction

_PLAN = """
insert into audiences (notification_id, topic, user_ids, exclude, planned, dedupe_key, dedupe_window_s)
values ($1, $2, $3, $4, $5, $6, $7)
"""

# The one that waited longest: several take turns. What another worker works at is skipped.
_NEXT = """
select a.notification_id, a.topic, a.user_ids, a.exclude, a.after_user, a.created_at, a.dedupe_key, a.dedupe_window_s,
       n.title, n.message, n.data, n.priority, n.sender, n.collapse_key, n.ladder
from audiences a join notifications n on n.id = a.notification_id
where a.finished_at is null order by a.updated_at limit 1 for update of a skip locked
"""

# Who joined after the notification was accepted is not meant.
_MEMBERS = """
select user_id from topic_members
where topic = $1 and user_id > $2 and added_at <= $3 and user_id <> all($4)
order by user_id limit $5
"""
_LISTED = "select user_id from unnest($1::text[]) as u (user_id) where user_id > $2 order by user_id limit $3"

_MOVE_ON = """
update audiences set after_user = $2, stored = stored + $3, updated_at = clock_timestamp(),
                     finished_at = case when $4 then clock_timestamp() end,
                     user_ids = case when $4 then null else user_ids end
where notification_id = $1
"""


class Batch(NamedTuple):
    """The next users of an audience, as a draft of the stored notification."""

    draft: Draft
    last: bool


async def plan(connection: Transaction, drafts: Sequence[Draft]) -> None:
    """Writes the audiences of these drafts down, to be stored from then on."""
    rows = [
        (draft.id, of.topic, of.user_ids, of.exclude, of.planned, *_dedupe(draft))
        for draft in drafts
        if (of := draft.audience) is not None
    ]
    if rows:
        await connection.executemany(_PLAN, rows)


async def next_batch(connection: Transaction, *, size: int) -> Batch | None:
    """The next `size` users of the audience that waited longest, locked until the transaction ends; None: no audience
    is open that nobody works at."""
    row = await connection.fetchrow(_NEXT)
    if row is None:
        return None
    users = await _users(connection, row, size)
    draft = Draft(
        id=row["notification_id"],
        user_ids=users,
        title=row["title"],
        message=row["message"],
        data=row["data"].encode(),
        priority=row["priority"],
        sender=row["sender"],
        collapse_key=row["collapse_key"],
        ladder=ladder.stored(row["ladder"]),
        dedupe=Dedupe(row["dedupe_key"], row["dedupe_window_s"]) if row["dedupe_key"] is not None else None,
    )
    return Batch(draft, last=len(users) < size)


async def move_on(connection: Transaction, batch: Batch, *, stored: int) -> None:
    """The batch is stored: `stored` entries, fewer than users when some had it already."""
    users = batch.draft.user_ids
    await connection.execute(_MOVE_ON, batch.draft.id, users[-1] if users else "", stored, batch.last)


async def _users(connection: Transaction, row: asyncpg.Record, size: int) -> list[str]:
    if row["topic"] is None:
        found = await connection.fetch(_LISTED, row["user_ids"], row["after_user"], size)
    else:
        found = await connection.fetch(
            _MEMBERS, row["topic"], row["after_user"], row["created_at"], row["exclude"], size
        )
    return [one["user_id"] for one in found]


def _dedupe(draft: Draft) -> tuple[str | None, int | None]:
    return (None, None) if draft.dedupe is None else (draft.dedupe.key, draft.dedupe.window_s)
