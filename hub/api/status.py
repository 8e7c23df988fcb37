"""How far users' entries came, as the API tells it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.notification import EntryStatus, State
from hub.store import notifications as store
from hub.store.notifications import Attempt
from hub.store.postgres import Pool


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One user's line: the strongest state reached, when each was, and every attempt."""

    user_id: str
    seq: int
    state: State
    accepted_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None
    pushed_at: datetime | None
    failed_at: datetime | None
    failure: str | None
    withdrawn_at: datetime | None
    withdrawal: str | None
    attempts: list[Attempt]


async def statuses(pool: Pool, notification_id: UUID, *, after_user: str, limit: int) -> list[StatusAnswer]:
    """A page of users' lines, ordered by id."""
    users = await store.status(pool, notification_id, after_user=after_user, limit=limit)
    return _lines(users, await store.attempts(pool, [(user.user_id, user.seq) for user in users]))


def _lines(users: Sequence[EntryStatus], attempts: Sequence[Attempt]) -> list[StatusAnswer]:
    of_user: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        of_user[attempt.user_id].append(attempt)
    return [
        StatusAnswer(
            **{name: getattr(user, name) for name in StatusAnswer.__struct_fields__ if name != "attempts"},
            attempts=of_user[user.user_id],
        )
        for user in users
    ]
