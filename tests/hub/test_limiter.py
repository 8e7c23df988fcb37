"""Rate limits on a real Valkey: exact for all nodes together, and each node for itself while it is away."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from hub.dev.valkey import embedded_valkey_server
from hub.limiter import PREFIX, Charge, Limiter
from hub.rates import rate

PER_S = 100
RATE = rate(PER_S, 50)

Clients = Callable[[str], AbstractAsyncContextManager[Limiter]]


@asynccontextmanager
async def limiter_at(url: str, timeout_s: float = 5.0) -> AsyncIterator[Limiter]:
    limiter = Limiter(url, timeout_s=timeout_s)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(limiter.serve())
        yield limiter
        serving.cancel()
    await limiter.aclose()


async def test_eight_clients_of_two_nodes_get_exactly_what_there_is(redis_url: str) -> None:
    admitted = 0

    async def ask(limiter: Limiter) -> None:
        nonlocal admitted
        while time.monotonic() < end:
            verdict = await limiter.take([Charge(["k"], 1, RATE)])
            admitted += verdict.refused is None

    async with limiter_at(redis_url) as one, limiter_at(redis_url) as other:
        start = time.monotonic()
        end = start + 1.0
        await asyncio.gather(*(ask(limiter) for limiter in (one, other) for _ in range(4)))
        elapsed = time.monotonic() - start
    assert RATE.burst + PER_S * 0.95 <= admitted <= RATE.burst + PER_S * elapsed + 1


async def test_all_or_nothing(redis: Redis, redis_url: str) -> None:
    async with limiter_at(redis_url) as limiter:
        assert (await limiter.take([Charge(["b"], 50, RATE)])).refused is None
        verdict = await limiter.take([Charge(["a"], 1, RATE), Charge(["c", "b", "d"], 1, RATE)])
        assert verdict.refused == 1
        assert verdict.standing(1).retry_after_s == 1
        assert await redis.keys(f"{PREFIX}*") == [f"{PREFIX}b".encode()]
        assert (await limiter.take([Charge(["a"], 50, RATE)])).refused is None


async def test_a_key_that_is_not_used_is_forgotten(redis: Redis, redis_url: str) -> None:
    async with limiter_at(redis_url) as limiter:
        await limiter.take([Charge(["a"], 1, rate(100, 1))])
        assert 0 < await redis.pttl(f"{PREFIX}a") <= 12


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
