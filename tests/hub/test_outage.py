"""Postgres goes away, or hangs: senders are told within two seconds, and nothing is half-stored."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from asyncpg import Record

from tests.hub_process import Customer
from tests.road import Road, road

SEND = "/api/v1/notifications"
BODY = {"user_ids": ["ada", "grace"], "title": "x"}


@pytest.fixture
async def to_postgres(database_url: str) -> AsyncIterator[Road]:
    async with road(urlsplit(database_url).port or 0) as found:
        yield found


@pytest.fixture
async def hub(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], to_postgres: Road, database_url: str
) -> AsyncIterator[Customer]:
    parts = urlsplit(database_url)
    user = parts.netloc.rpartition("@")[0]
    through = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{to_postgres.port}"))
    async with start_hub(database_url=through) as customer:
        yield customer


async def _told(hub: Customer) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    answer = await hub.http.post(SEND, json=BODY, timeout=10)
    return answer, time.monotonic() - started


async def _works_again(hub: Customer) -> float:
    started = time.monotonic()
    while (await hub.http.post(SEND, json=BODY, timeout=10)).status_code != 202:
        pass  # asking is the pause; the test's time limit is the deadline
    return time.monotonic() - started


async def _entries(pool: "asyncpg.Pool[Record]") -> tuple[int, int]:
    row = await pool.fetchrow("select count(*), count(distinct notification_id) from entries")
    assert row is not None
    return row[0], row[1]


async def test_a_postgres_that_is_gone_is_a_503_at_once(
    hub: Customer, to_postgres: Road, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.send(["ada", "grace"])
    await to_postgres.cut()
    for _ in range(3):
        answer, took_s = await _told(hub)
        assert (answer.status_code, answer.headers["retry-after"], took_s < 2.0) == (503, "1", True)
    batch = await hub.http.post(f"{SEND}/batch", json={"notifications": [BODY, BODY]})
    assert [one["status"] for one in batch.json()["notifications"]] == [503, 503]
    assert await _entries(pool) == (2, 1)
    await to_postgres.begin()
    assert await _works_again(hub) < 5.0
    assert await _entries(pool) == (4, 2)


async def test_a_postgres_that_hangs_is_a_503_within_two_seconds(
    hub: Customer, to_postgres: Road, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.send(["ada", "grace"])
    to_postgres.hold()
    told = await asyncio.gather(*(_told(hub) for _ in range(5)))
    assert {answer.status_code for answer, _ in told} == {503}
    assert max(took_s for _, took_s in told) < 2.0
    to_postgres.let_go()
    assert await _works_again(hub) < 5.0
    entries, notifications = await _entries(pool)
    assert entries == 2 * notifications  # whole or not at all
