"""The raw link to Redis, on a real Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from hub.redis_link import GRACE_S, PAUSE_S, RedisLink, command

TIMEOUT_S = 0.2


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[RedisLink]:
    found = RedisLink(redis_url, timeout_s=TIMEOUT_S)
    assert await found.ask([command("PING")]) is not None
    yield found
    await found.aclose()


async def test_all_answers_come_in_order(link: RedisLink) -> None:
    assert await link.ask([command("ECHO", number) for number in range(1000)]) == [b"%d" % n for n in range(1000)]


async def test_a_redis_that_hangs_is_away_and_is_left_alone_for_a_while(link: RedisLink, redis: Redis) -> None:
    await redis.client_pause(int((TIMEOUT_S + GRACE_S) * 1000) + 300)
    assert await link.ask([command("PING")]) is None
    assert await link.ask([command("PING")]) is None  # at once: nobody queues behind it
    await asyncio.sleep(PAUSE_S)
    assert await link.ask([command("PING")]) == [b"PONG"]


async def test_a_process_that_was_held_up_itself_takes_no_redis_for_dead(link: RedisLink) -> None:
    asking = asyncio.create_task(link.ask([command("PING")]))
    await asyncio.sleep(0)  # it has asked
    time.sleep(2 * TIMEOUT_S)  # noqa: ASYNC251 - what a busy machine does to a process
    assert await asking == [b"PONG"]
