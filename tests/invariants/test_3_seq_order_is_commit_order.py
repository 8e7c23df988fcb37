"""Invariant 3: seq is 1, 2, 3 … without gaps, and its order is commit order: whoever has read up to n never finds
something smaller later, whatever was rolled back meanwhile."""

import asyncio
import random

import asyncpg
from asyncpg import Record

from hub.draft import Draft
from hub.ids import uuid7
from hub.store import inbox
from hub.store.accept import store

WRITERS = 8
SENDS_A_WRITER = 25
USERS = ["ada", "grace", "linus"]


async def test_a_reader_that_follows_many_writers_and_rollbacks_misses_nothing(pool: "asyncpg.Pool[Record]") -> None:
    writing = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        followers = [tasks.create_task(_follow(pool, user, writing)) for user in USERS]
        async with asyncio.TaskGroup() as writers:
            for number in range(WRITERS):
                writers.create_task(_write(pool, random.Random(number)))
        writing.set()
    for user, follower in zip(USERS, followers, strict=True):
        seqs = follower.result()
        head = (await inbox.heads(pool, [user])).by_user[user]
        assert seqs == list(range(1, head + 1))
        assert await pool.fetchval("select unread from inboxes where user_id = $1", user) == head


async def _write(pool: "asyncpg.Pool[Record]", dice: random.Random) -> None:
    for _ in range(SENDS_A_WRITER):
        draft = Draft(
            id=uuid7(),
            user_ids=dice.sample(USERS, dice.randint(1, len(USERS))),
            title="",
            message="",
            data=b"{}",
            priority="normal",
            sender="test",
        )
        async with pool.acquire() as connection:
            try:
                async with connection.transaction():
                    await store(connection, [draft], 5.0)
                    await asyncio.sleep(dice.uniform(0, 0.003))  # holds its locks for a while
                    if dice.random() < 0.2:
                        await connection.execute("select 1/0")
            except asyncpg.DivisionByZeroError:
                pass  # rolled back


async def _follow(pool: "asyncpg.Pool[Record]", user: str, writing: asyncio.Event) -> list[int]:
    seqs: list[int] = []
    while True:
        last_look = writing.is_set()
        [page] = await inbox.pages(pool, [(user, seqs[-1] if seqs else 0)], limit=200)
        seqs += [entry.seq for entry in page.entries]
        if last_look:
            return seqs
