"""The queue: one job a bucket, data only."""

import asyncio
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from hub.queue import BUCKET_S, QUEUE, Queue, bucket_end, connect


def test_a_job_runs_when_everything_in_its_bucket_is_due() -> None:
    for instant in (0.0, 0.01, 0.0499, 12.3456):
        assert instant <= bucket_end(instant) * BUCKET_S <= instant + BUCKET_S


async def test_a_thousand_wakes_at_one_time_are_one_job(redis_url: str, redis: Redis) -> None:
    queue = Queue(connect(redis_url))
    at = datetime.now(UTC) + timedelta(seconds=5)
    for _ in range(1000):
        await queue.wake(at)
    await queue.aclose()
    assert await redis.zcard(QUEUE) == 1


async def test_two_nodes_ask_for_the_same_wake_once(redis_url: str, redis: Redis) -> None:
    at = datetime.now(UTC) + timedelta(seconds=5)
    for _ in range(2):
        queue = Queue(connect(redis_url))
        await queue.wake(at)
        await queue.aclose()
    assert await redis.zcard(QUEUE) == 1


async def test_what_lies_in_redis_is_json_and_no_pickle(redis_url: str, redis: Redis) -> None:
    queue = Queue(connect(redis_url))
    await queue.wake(datetime.now(UTC))
    await queue.aclose()
    [job] = [await redis.get(key) for key in await redis.keys("arq:job:*")]
    assert job.startswith(b"{")


async def test_a_wake_that_redis_cannot_take_is_no_error() -> None:
    queue = Queue(connect("redis://127.0.0.1:1"))
    await queue.wake(datetime.now(UTC))
    await queue.aclose()


async def test_a_redis_that_hangs_is_asked_once_and_then_left_alone_for_a_while() -> None:
    came: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer)

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        queue = Queue(connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        await queue.wake(datetime.now(UTC))
        tried = len(came)
        await queue.wake(datetime.now(UTC) + timedelta(seconds=5))
        assert (tried > 0, len(came)) == (True, tried)
        await queue.aclose()
        for writer in came:
            writer.close()
