"""Hub and worker need in Redis what docs/operations.md gives them, and can do nothing else there."""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from hub.queue import QUEUE
from hub.settings import Settings
from hub.store.postgres import Pool
from tests.browser import Browser
from tests.hub_process import Customer

OPERATIONS = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
USERS = dict(re.findall(r"^user (hark-\w+) (on >PASSWORD .+)$", OPERATIONS, re.MULTILINE))
HUB, WORKER = "hark-hub", "hark-worker"
PASSWORD = "of-this-test"

FORBIDDEN = [
    "FLUSHALL",
    "FLUSHDB",
    "CONFIG GET *",
    "KEYS *",
    "SCAN 0",
    "SLOWLOG GET",
    "MONITOR",
    "SHUTDOWN",
    "ACL LIST",
    "CLIENT LIST",
    "SAVE",
    "REPLICAOF NO ONE",
    "EVAL return(1) 0",
    "FUNCTION LIST",
    "MODULE LIST",
    "SCRIPT FLUSH",
    "PSUBSCRIBE *",
    "PSUBSCRIBE hark:*",
    "PUBLISH elsewhere hello",
    "GET elsewhere",
    "SET elsewhere 1",
    "EXISTS elsewhere",
    "GET hark:elsewhere",
    "ZADD arq:queue 1 job",
]
FORBIDDEN_FOR = {
    HUB: ["SUBSCRIBE elsewhere", "DEL hark:jobs", "ZREM hark:jobs due:1", "ZRANGEBYSCORE hark:jobs 0 1", "INFO"],
    WORKER: ["SUBSCRIBE hark:x", "SCRIPT LOAD return(1)", "EVALSHA 0 0", "GET hark:rate:1"],
}


def as_user(url: str, user: str) -> str:
    """The URL with which it comes."""
    server = urlsplit(url)
    return f"redis://{user}:{PASSWORD}@{server.hostname}:{server.port}/0"


@pytest.fixture
async def users(redis: Redis) -> AsyncIterator[None]:
    """The documented ones, and a log in which nothing was refused yet."""
    for user, rules in USERS.items():
        rule = rules.replace("PASSWORD", PASSWORD).split()
        await redis.execute_command("ACL", "SETUSER", user, *rule)  # type: ignore[no-untyped-call]
    await redis.acl_log_reset()
    await redis.config_resetstat()
    yield
    await redis.acl_deluser(*USERS)
    await redis.acl_log_reset()


def test_there_is_a_user_for_each_process() -> None:
    assert set(USERS) == {HUB, WORKER}


@pytest.mark.usefixtures("users")
async def test_a_notification_goes_all_its_ways_and_nothing_is_refused(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
    settings: Settings,
    pool: Pool,
    redis: Redis,
    redis_url: str,
    browser: Browser,
) -> None:
    async with (
        _worker(settings, as_user(redis_url, WORKER)),
        start_hub(redis_url=as_user(redis_url, HUB), ack_deadline_s=0.2, audience_batch=2) as hub,
    ):
        await _until(lambda: _is_ready(hub))
        async with hub.online("ada") as page:
            sent = await hub.send("ada")
            msg = await page.heard()
            await page.say("ack", seq=msg["seq"])
            await hub.reaches(sent, "delivered")
            assert len(await redis.pubsub_channels("hark:*")) > 1  # the user's beside the node's
        calls = (await redis.info("commandstats"))["cmdstat_evalsha"]
        assert calls["calls"] > calls["failed_calls"]  # rates are counted there, for all nodes
        await hub.register("grace", browser.subscription)
        await hub.reaches(await hub.send("grace"), "pushed")  # no look of its own comes so soon: a job woke the worker
        await hub.send(["grace", "linus", "alan"])  # more than a batch: stored by the worker
        await _until(lambda: pool.fetchval("select count(*) = 5 from entries"))
        await _until(lambda: _nothing_is_queued(redis))
    assert await redis.acl_log() == []


@contextlib.asynccontextmanager
async def _worker(settings: Settings, redis_url: str) -> AsyncIterator[None]:
    """One that looks for itself once a minute only; it ends well."""
    env = {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_VAPID_PRIVATE_KEY": settings.webpush.vapid_private_key,
        "HARK_VAPID_SUBJECT": settings.webpush.vapid_subject,
        "HARK_PUSH_SERVICES": ",".join(settings.webpush.push_services),
        "HARK_SWEEP_INTERVAL_S": "60",
        "HARK_LOG_LEVEL": "warning",
    }
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "jobs", env=os.environ | env)
    try:
        yield
    finally:
        worker.terminate()
        code = await worker.wait()
    assert code == 0


async def _is_ready(hub: Customer) -> bool:
    ready: bool = (await hub.http.get("/ready")).json()["status"] == "ready"
    return ready


async def _until(what: Callable[[], Awaitable[bool]]) -> None:
    """It is so."""
    while not await what():
        pass  # asking is the pause; the test's time limit is the deadline


async def _nothing_is_queued(redis: Redis) -> bool:
    return not await redis.zcard(QUEUE)


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("user", [HUB, WORKER])
async def test_whoever_has_a_password_can_do_nothing_else(redis_url: str, user: str) -> None:
    async with Redis.from_url(as_user(redis_url, user), single_connection_client=True) as intruder:
        for command in FORBIDDEN + FORBIDDEN_FOR[user]:
            with pytest.raises(NoPermissionError):
                await intruder.execute_command(*command.split(" "))
        assert await intruder.ping()
