"""The de-duplication window: who got what, under which key, and until when the same is not stored again."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.draft import Draft, Duplicate
from hub.store.postgres import Database, Transaction, touched

_CLAIM = """
insert into dedupes as d (user_id, key, notification_id, until)
select user_id, key, notification_id, now() + make_interval(secs => window_s)
from unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) as w (user_id, key, notification_id, window_s)
order by user_id, key
on conflict (user_id, key) do update
    set notification_id = excluded.notification_id, until = excluded.until where d.until <= now()
returning user_id, key
"""
_HELD = """
select d.user_id, d.key, d.notification_id
from dedupes d join unnest($1::text[], $2::text[]) as w (user_id, key) using (user_id, key)
"""
_FORGET = """
delete from dedupes where (user_id, key) in (
    select user_id, key from dedupes where until <= now() order by until limit $1 for update skip locked
)
"""

Duplicates = dict[UUID, list[Duplicate]]


async def claim(connection: Transaction, drafts: Sequence[Draft]) -> tuple[list[Draft], Duplicates]:
    """The drafts, each for those users alone who have not had it, and by draft those who have."""
    wanted: dict[tuple[str, str], Draft] = {}  # the first of this batch; it wins over later ones
    for draft in drafts:
        if draft.dedupe is not None:
            for user_id in draft.user_ids:
                wanted.setdefault((user_id, draft.dedupe.key), draft)
    if not wanted:
        return list(drafts), {}
    first = {place: draft.id for place, draft in wanted.items()} | await _held(connection, wanted)
    duplicates: Duplicates = defaultdict(list)
    return [_without(draft, first, duplicates) for draft in drafts], duplicates


async def forget(db: Database, *, limit: int) -> int:
    """Deletes up to `limit` whose window is over; gives how many."""
    return touched(await db.execute(_FORGET, limit))


async def _held(connection: Transaction, wanted: dict[tuple[str, str], Draft]) -> dict[tuple[str, str], UUID]:
    """Claims the keys; gives the earlier notification of those that others hold."""
    rows = await connection.fetch(
        _CLAIM,
        [user_id for user_id, _ in wanted],
        [key for _, key in wanted],
        [draft.id for draft in wanted.values()],
        [draft.dedupe.window_s for draft in wanted.values() if draft.dedupe is not None],
    )
    held = wanted.keys() - {(row["user_id"], row["key"]) for row in rows}
    found = await connection.fetch(_HELD, [user_id for user_id, _ in held], [key for _, key in held]) if held else []
    return {(row["user_id"], row["key"]): row["notification_id"] for row in found}


def _without(draft: Draft, first: dict[tuple[str, str], UUID], duplicates: Duplicates) -> Draft:
    if draft.dedupe is None:
        return draft
    users: list[str] = []
    for user_id in draft.user_ids:
        holder = first[user_id, draft.dedupe.key]
        if holder == draft.id:
            users.append(user_id)
        else:
            duplicates[draft.id].append(Duplicate(user_id, holder))
    return msgspec.structs.replace(draft, user_ids=users)
