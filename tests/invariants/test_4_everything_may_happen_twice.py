"""Invariant 4: everything may happen twice; nothing may hurt twice."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
from asyncpg import Record
from redis.asyncio import Redis

from hub.hint import user_channel
from tests.browser import Browser
from tests.due_engine import Engine
from tests.encryption import NAMES
from tests.hub_process import Customer

CHANNEL = NAMES.channel(user_channel("ada"))


async def test_a_hint_that_comes_twice_is_shown_once(hub: Customer, redis: Redis) -> None:
    async with redis.pubsub() as ear, hub.online("ada") as page:
        await ear.subscribe(CHANNEL)
        assert await ear.get_message(timeout=1)
        await hub.send("ada", "first")
        hint = await ear.get_message(timeout=1)
        assert hint is not None
        await redis.publish(CHANNEL, hint["data"])
        await hub.send("ada", "second")
        assert [(await page.heard())["title"] for _ in range(2)] == ["first", "second"]


async def test_an_ack_said_twice_changes_nothing(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    async with hub.online("ada") as page:
        await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        assert (await page.heard())["t"] == "ack_ok"
        acked_at = await pool.fetchval("select acked_at from entries")
        await page.say("ack", seq=1)
        assert (await page.heard())["t"] == "ack_ok"
        assert await pool.fetchval("select acked_at from entries") == acked_at


async def test_reading_twice_counts_once(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await hub.send("ada")
        await hub.send("ada")
        await page.heard_entries(2)
        await page.say("read", seqs=[1])
        assert await page.heard() == {"t": "state", "state": "read", "seqs": [1], "unread": 1, "head": 2}
        await page.say("read", through=2)
        assert await page.heard() == {"t": "state", "state": "read", "seqs": [2], "unread": 0, "head": 2}


async def test_a_due_entry_taken_by_eight_runs_at_once_is_pushed_once(
    hub: Customer, browser: Browser, engine: Engine
) -> None:
    await hub.register("ada", browser.subscription)
    await hub.send("ada")
    await asyncio.gather(*(engine.run() for _ in range(8)))
    assert len(await browser.heard()) == 1


async def test_a_token_registered_by_many_at_once_has_one_owner(hub: Customer, browser: Browser) -> None:
    users = [f"user-{number}" for number in range(16)]
    await asyncio.gather(*(hub.register(user, browser.subscription) for user in users))
    found = [(await hub.http.get(f"/api/v1/sessions/{user}")).json()["sessions"] for user in users]
    assert sum(len(sessions) for sessions in found) == 1


async def test_an_entry_is_shown_once_by_each_of_two_nodes(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
) -> None:
    async with (
        start_hub() as here,
        start_hub() as there,
        here.online("ada") as laptop,
        there.online("ada") as phone,
    ):
        await there.send("ada", "first")
        await here.send("ada", "second")
        for device in (laptop, phone):
            assert [(await device.heard())["title"] for _ in range(2)] == ["first", "second"]
