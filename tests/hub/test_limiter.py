"""Rate limits on a real Valkey: exact for all nodes together, and each node for itself while it is away."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.dev.valkey import embedded_valkey_server
from hub.limiter import Charge, Limiter
from hub.rates import rate
from tests.encryption import NAMES

TAKES = int(os.environ.get("HARK_TEST_TAKES", "300"))  # of each client
RATE = rate(100, 50)
WIDE = rate(100, 1000)  # whatever the machine does, 9 s do not pass without a take


@asynccontextmanager
async def limiter_at(url: str, timeout_s: float = 5.0, nodes: int = 1) -> AsyncIterator[Limiter]:
    limiter = Limiter(url, NAMES, timeout_s=timeout_s, nodes=nodes)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(limiter.serve())
        yield limiter
        serving.cancel()
    await limiter.aclose()


async def empty_at(redis: Redis) -> int:
    """When the level is 0 again: what the limiter keeps."""
    return int(await redis.get(NAMES.level("k")) or 0)


async def clock_us(redis: Redis) -> int:
    """Redis' own."""
    seconds, more = await redis.time()
    return int(seconds) * 1_000_000 + int(more)


async def test_eight_clients_get_exactly_what_there_is_whatever_their_clocks_say(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = random.Random(3)
    monkeypatch.setattr(time, "monotonic_ns", lambda: jumps.randrange(10**18))
    monkeypatch.setattr(time, "time", lambda: jumps.uniform(0, 4e9))
    take = [Charge(["k"], 1, WIDE)]

    async def admitted_of(limiter: Limiter) -> int:
        return sum([(await limiter.take(take)).refused is None for _ in range(TAKES)])

    async with AsyncExitStack() as life:
        limiters = [await life.enter_async_context(limiter_at(redis_url)) for _ in range(8)]
        admitted = 900  # at once: from here on the level never falls to 0, where time would be lost
        assert (await limiters[0].take([Charge(["k"], admitted, WIDE)])).refused is None
        began = await empty_at(redis) - admitted * WIDE.interval_us
        admitted += sum(await asyncio.gather(*map(admitted_of, limiters)))
        before = await clock_us(redis)
        while (await limiters[0].take(take)).refused is None:
            admitted += 1
            before = await clock_us(redis)
        after = await clock_us(redis)
    assert await empty_at(redis) == began + admitted * WIDE.interval_us, "each is counted once"
    assert (before - began) / WIDE.interval_us - 1 < admitted - WIDE.burst <= (after - began) / WIDE.interval_us


async def test_when_redis_dies_among_eight_clients_each_has_its_own_bucket_and_no_more(tmp_path: Path) -> None:
    take = [Charge(["k"], 1, rate(0.001, 20))]
    tries = 60

    async def admitted_of(limiter: Limiter) -> int:
        return sum([(await limiter.take(take)).refused is None for _ in range(tries)])

    async with AsyncExitStack() as life:
        server = await life.enter_async_context(AsyncExitStack())
        url = await server.enter_async_context(embedded_valkey_server(tmp_path))
        limiters = [await life.enter_async_context(limiter_at(url)) for _ in range(8)]
        assert sum(await asyncio.gather(*map(admitted_of, limiters))) == 20
        await server.aclose()
        assert await asyncio.gather(*map(admitted_of, limiters)) == [20] * 8
        assert await asyncio.gather(*map(admitted_of, limiters)) == [0] * 8


async def test_all_or_nothing(redis: Redis, redis_url: str) -> None:
    async with limiter_at(redis_url) as limiter:
        assert (await limiter.take([Charge(["b"], 50, RATE)])).refused is None
        verdict = await limiter.take([Charge(["a"], 1, RATE), Charge(["c", "b", "d"], 1, RATE)])
        assert verdict.refused == 1
        assert verdict.standing(1).retry_after_s == 1
        assert await redis.keys("hark:rate:*") == [NAMES.level("b")]
        assert (await limiter.take([Charge(["a"], 50, RATE)])).refused is None


async def test_a_key_that_is_not_used_is_forgotten(redis: Redis, redis_url: str) -> None:
    async with limiter_at(redis_url) as limiter:
        await limiter.take([Charge(["a"], 1, rate(100, 1))])
        assert 0 < await redis.pttl(NAMES.level("a")) <= 12


async def test_what_is_asked_at_once_is_one_call(redis: Redis, redis_url: str) -> None:
    async with limiter_at(redis_url) as limiter:
        await limiter.take([Charge(["a"], 1, RATE)])
        before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
        verdicts = await asyncio.gather(*(limiter.take([Charge(["b"], 1, RATE)]) for _ in range(100)))
        assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] == before + 1
    assert sum(verdict.refused is None for verdict in verdicts) == RATE.burst


async def test_without_redis_each_node_counts_for_itself_and_returns(tmp_path: Path) -> None:
    async with AsyncExitStack() as life:
        url = await life.enter_async_context(embedded_valkey_server(tmp_path))
        async with limiter_at(url) as limiter:
            take = [Charge(["a"], 1, rate(0.1, 5))]
            assert (await limiter.take(take)).standing(0).remaining == 4
            await life.aclose()
            verdicts = [await limiter.take(take) for _ in range(7)]
            assert [verdict.refused is None for verdict in verdicts] == [True] * 5 + [False] * 2
            assert verdicts[-1].standing(0).retry_after_s == 10


async def test_without_redis_each_of_several_nodes_allows_its_part(tmp_path: Path) -> None:
    async with embedded_valkey_server(tmp_path) as url:
        pass  # it was there
    async with limiter_at(url, nodes=3) as limiter:
        verdicts = [await limiter.take([Charge(["a"], 1, rate(0.1, 6))]) for _ in range(3)]
        assert [verdict.refused is None for verdict in verdicts] == [True, True, False]
        assert verdicts[-1].standing(0).retry_after_s == 30
