"""Durable topics: named sets of users."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hub.store.postgres import Database, Transaction, touched

_CREATE = "insert into topics (topic) values ($1) on conflict do nothing returning topic"
_FIND = "select topic, members, created_at from topics where topic = $1"
_LOCK = _FIND + " for update"
_PAGE = "select topic, members, created_at from topics where topic > $1 order by topic limit $2"
_DELETE = "delete from topics where topic = $1 returning topic"
_EMPTY = "delete from topic_members where topic = $1"
_ADD = """
insert into topic_members (topic, user_id) select $1, user_id from unnest($2::text[]) as u (user_id) order by user_id
on conflict do nothing
"""
_REMOVE = "delete from topic_members where topic = $1 and user_id = any($2)"
_COUNT = "update topics set members = members + $2 where topic = $1 returning members"
_MEMBERS = """
select user_id, added_at from topic_members where topic = $1 and user_id > $2 order by user_id limit $3
"""
_SOME = "select user_id from topic_members where topic = $1 and user_id <> all($2) order by user_id limit $3"
_AMONG = "select count(*) from topic_members where topic = $1 and user_id = any($2)"


class Topic(msgspec.Struct, frozen=True):
    """A set of users, and how many they are."""

    topic: str
    members: int
    created_at: datetime


class Member(msgspec.Struct, frozen=True):
    """A user of a topic."""

    user_id: str
    added_at: datetime


class Changed(msgspec.Struct, frozen=True):
    """What a change did; who was there, or was not, does not count."""

    added: int
    removed: int
    members: int


async def create(db: Database, topic: str) -> bool:
    """Makes a topic; False: it was there."""
    return await db.fetchval(_CREATE, topic) is not None


async def find(db: Database, topic: str) -> Topic | None:
    """One topic."""
    row = await db.fetchrow(_FIND, topic)
    return None if row is None else Topic(*row)


async def page(db: Database, *, after: str, limit: int) -> list[Topic]:
    """Topics in order of their names."""
    return [Topic(*row) for row in await db.fetch(_PAGE, after, limit)]


async def delete(connection: Transaction, topic: str) -> bool:
    """Removes a topic and its members; False: there is none."""
    if await connection.fetchval(_DELETE, topic) is None:
        return False
    await connection.execute(_EMPTY, topic)
    return True


async def change(connection: Transaction, topic: str, *, add: Sequence[str], remove: Sequence[str]) -> Changed | None:
    """Adds and removes members; None: there is no such topic."""
    if await connection.fetchrow(_LOCK, topic) is None:  # one change at a time: the count stays true
        return None
    removed = touched(await connection.execute(_REMOVE, topic, remove)) if remove else 0
    added = touched(await connection.execute(_ADD, topic, add)) if add else 0
    members: int = await connection.fetchval(_COUNT, topic, added - removed)
    return Changed(added, removed, members)


async def members(db: Database, topic: str, *, after: str, limit: int) -> list[Member]:
    """A page of members, in order of their ids."""
    return [Member(*row) for row in await db.fetch(_MEMBERS, topic, after, limit)]


async def some(db: Database, topic: str, *, exclude: Sequence[str], limit: int) -> list[str]:
    """Up to `limit` members that are not excluded."""
    return [row["user_id"] for row in await db.fetch(_SOME, topic, exclude, limit)]


async def count_among(db: Database, topic: str, user_ids: Sequence[str]) -> int:
    """How many of these users are members."""
    count: int = await db.fetchval(_AMONG, topic, user_ids)
    return count
