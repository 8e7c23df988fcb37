"""Who can write to Redis can wake the worker and cannot make it run anything: a job is JSON, whatever lies there."""

import asyncio
import contextlib
import os
import pickle
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis

from hub.queue import QUEUE, RUN_DUE
from hub.settings import Settings

GOOD = {"t": 0, "f": RUN_DUE, "a": [], "k": {}, "et": 0}
NONE: dict[str, Any] = {"t": "1", "f": [], "a": 5, "k": 5, "et": 10**18}


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


def _jobs(bomb: Bomb) -> dict[str, bytes]:
    job = {"t": 1, "f": RUN_DUE, "a": (bomb,), "k": {}, "et": 0}
    return {
        "pickled": pickle.dumps(job),
        "pickled alone": pickle.dumps(bomb),
        "pickled in json": msgspec.json.encode({"t": 1, "f": RUN_DUE, "a": [pickle.dumps(bomb)], "k": {}, "et": 0}),
        "no function of ours": msgspec.json.encode({"t": 1, "f": "os.system", "a": ["true"], "k": {}, "et": 0}),
        "no job": b"[" * 100_000,
        "nothing": b"",
    } | {f"{field} that is none": msgspec.json.encode(GOOD | {field: value}) for field, value in NONE.items()}


@contextlib.asynccontextmanager
async def _worker(settings: Settings, log_level: str) -> AsyncIterator[asyncio.StreamReader]:
    """What it says; it stops when it is told to."""
    env = os.environ | {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_LOG_LEVEL": log_level,
    }
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "jobs", env=env, stdout=asyncio.subprocess.PIPE)
    try:
        assert worker.stdout is not None
        yield worker.stdout
        worker.terminate()
        await worker.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
    assert worker.returncode == 0


async def test_a_job_that_is_code_is_refused_and_the_worker_goes_on(
    settings: Settings, redis: Redis, tmp_path: Path
) -> None:
    left = tmp_path / "it was run"
    for name, job in _jobs(Bomb(left)).items():
        await _queue(redis, name, job)
    async with _worker(settings, "error"):
        await _taken(redis)
        await _queue(redis, "good", msgspec.json.encode(GOOD))
        await _taken(redis)
    assert not left.exists()


async def test_a_queue_that_cannot_be_read_ends_no_worker(settings: Settings, redis: Redis) -> None:
    await redis.zadd(QUEUE, {b"\xff": 1})
    async with _worker(settings, "warning") as said:
        for _ in range(2):  # it tries again
            assert b'"error": "UnicodeDecodeError", "event": "clock.lost"' in await said.readline()


async def _queue(redis: Redis, name: str, job: bytes) -> None:
    await redis.set(f"arq:job:{name}", job, px=60_000)
    await redis.zadd(QUEUE, {name: int(time.time() * 1000) - 1000})


async def _taken(redis: Redis) -> None:
    while await redis.zcard(QUEUE):
        pass  # looking is the pause; the test's time limit is the deadline


def test_the_bomb_is_one(tmp_path: Path) -> None:
    left = tmp_path / "it was run"
    pickle.loads(pickle.dumps(Bomb(left)))  # noqa: S301 - ours
    assert left.exists()
