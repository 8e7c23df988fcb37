"""Invariant 1: Postgres has it before the 2xx. Redis is a hint, arq a clock; either may lose everything at any moment
and the sweep still finishes every row."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from asyncpg import Pool, Record
from redis.asyncio import Redis

from hub.dev.valkey import embedded_valkey_server
from hub.draft import Draft
from hub.ids import uuid7
from hub.store.accept import store
from jobs.rounds import Rounds
from tests.browser import Browser
from tests.hub_process import Customer


async def test_every_due_entry_is_finished_although_redis_forgot_everything(
    hub: Customer, redis: Redis, browser: Browser, pushing: Rounds
) -> None:
    await hub.register("ada", browser.subscription)
    sent = [await hub.send("ada", f"number {n}") for n in range(20)]
    await redis.flushall()

    async with asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(pushing.serve())
        for notification_id in sent:
            await hub.reaches(notification_id, "pushed")
        sweeping.cancel()
    assert len(await browser.heard()) == 20


async def test_sends_and_live_delivery_go_on_while_redis_is_away(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as redis_life, contextlib.AsyncExitStack() as hub_life:
        redis_url = await redis_life.enter_async_context(embedded_valkey_server(tmp_path))
        hub = await hub_life.enter_async_context(start_hub(redis_url=redis_url))
        page = await hub_life.enter_async_context(hub.online("ada"))
        await hub.send("ada", "with redis")
        assert (await page.heard())["title"] == "with redis"

        await redis_life.aclose()
        assert (await hub.http.get("/ready")).json()["status"] == "degraded"
        await hub.send("ada", "without redis")
        assert (await page.heard_entries(1))[0]["title"] == "without redis"
        newcomer = await hub_life.enter_async_context(hub.online("grace"))  # a hello does not need Redis either
        await hub.send("grace", "to a newcomer")
        assert (await newcomer.heard_entries(1))[0]["title"] == "to a newcomer"


async def test_a_hint_that_redis_lost_is_found_by_the_position_check(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], pool: "Pool[Record]"
) -> None:
    async with start_hub(position_check_s=0.1) as hub, hub.online("ada") as page:
        draft = Draft(
            id=uuid7(), user_ids=["ada"], title="silent", message="", data=b"{}", priority="normal", sender="test"
        )
        await store(pool, [draft], 5.0)  # stored, never published
        assert (await page.heard_entries(1))[0]["title"] == "silent"
