"""Ladders in a running system: what the user does decides which steps are taken."""

from typing import Any

import asyncpg
import pytest
from asyncpg import Record

from hub.store import due
from tests.browser import Browser
from tests.due_engine import LEASE, Engine
from tests.hub_process import Customer

_PUSH = {"channels": ["push"], "after_s": 5}
_DUE_IN_S = "select extract(epoch from due_at - now())::float8 from entries"
_NOW = "update entries set due_at = now() where due_at is not null"


async def test_an_empty_ladder_stays_in_the_app(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    await hub.send("ada", ladder=[])
    assert await pool.fetchval(_DUE_IN_S) is None
    await engine.run()
    assert await browser.heard() == []


async def test_what_is_acknowledged_and_not_read_is_pushed_by_a_step_that_asks_for_it(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    ladder = [_PUSH, {"channels": ["push"], "after_s": 600, "if": "unread"}]
    async with hub.online("ada", focus="visible") as page:
        sent = await hub.send("ada", ladder=ladder)
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
        await pool.execute(_NOW)
        await engine.run()
        assert await browser.heard() == []
        assert 590 < await pool.fetchval(_DUE_IN_S) <= 600

        await pool.execute(_NOW)  # ten minutes later
        await pool.execute("update entries set created_at = now() - interval '10 minutes'")
        await engine.run()
        assert len(await browser.heard()) == 1
        [line] = await hub.status(sent)
        assert line["pushed_at"] is not None


@pytest.mark.parametrize(("said", "goal"), [("seen", 1), ("read", 2)])
async def test_the_ladder_ends_with_its_strongest_condition(
    hub: Customer, pool: "asyncpg.Pool[Record]", said: str, goal: int
) -> None:
    condition = {"seen": "unseen", "read": "unread"}[said]
    async with hub.online("ada") as page:
        await hub.send("ada", ladder=[_PUSH | {"if": condition}])
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
        assert await pool.fetchval("select goal from entries where due_at is not null") == goal
        await page.say(said, seqs=[1])
        await page.heard()
    assert await pool.fetchval(_DUE_IN_S) is None


async def test_a_page_that_nobody_looks_at_puts_the_push_off_and_does_not_stop_it(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    async with hub.online("ada", focus="hidden") as page:
        sent = await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
        assert 25 < await pool.fetchval(_DUE_IN_S) <= 30
        await pool.execute(_NOW)  # half a minute later
        await engine.run()
    assert len(await browser.heard()) == 1
    [line] = await hub.status(sent)
    assert line["delivered_at"] is not None


@pytest.mark.parametrize("notices", [{"t": "focus", "state": "visible"}, {"t": "seen", "seqs": [1]}])
async def test_whoever_looks_at_last_gets_no_push(
    hub: Customer, pool: "asyncpg.Pool[Record]", notices: dict[str, Any]
) -> None:
    async with hub.online("ada", focus="idle") as page:
        await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
        assert await pool.fetchval(_DUE_IN_S) is not None
        await page.say(notices.pop("t"), **notices)
        await page.heard()
    assert await pool.fetchval(_DUE_IN_S) is None


async def test_another_device_that_is_looked_at_stops_it(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    async with hub.online("ada", focus="hidden") as tab, hub.online("ada", focus="visible") as phone:
        await hub.send("ada")
        for device in (tab, phone):
            await device.heard()
            await device.say("ack", seq=1)
            await device.heard()
    assert await pool.fetchval(_DUE_IN_S) is None


async def test_a_critical_one_is_pushed_at_once_whoever_is_connected(
    hub: Customer, browser: Browser, engine: Engine
) -> None:
    await hub.register("ada", browser.subscription)
    async with hub.online("ada", focus="visible") as page:
        await hub.send("ada", priority="critical")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
        await engine.run()
    assert len(await browser.heard()) == 1


async def test_a_step_nobody_can_be_reached_by_leaves_the_next_its_time(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    sent = await hub.send("ada", ladder=[{"channels": ["sms"]}, _PUSH])
    await engine.run()
    assert 4 < await pool.fetchval(_DUE_IN_S) <= 5
    await pool.execute(_NOW)
    await pool.execute("update entries set created_at = now() - interval '5 seconds'")
    await engine.run()
    assert (await hub.status(sent))[0]["state"] == "pushed"


async def test_critical_ones_go_first_and_senders_take_turns(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    for number in range(20):
        await hub.send("ada", f"flood {number}")
    await pool.execute("update entries set sender = 'flood', due_at = now() - interval '1 minute'")
    await hub.send("ada", "one of another sender")
    await hub.send("ada", "critical", priority="critical")
    await pool.execute("update entries set due_at = now() where due_at > now()")

    claimed = {claim.title for claim in await due.claim(pool, limit=3, lease=LEASE)}
    assert claimed == {"critical", "one of another sender", "flood 0"}


async def test_low_ones_are_not_starved_by_a_flood_of_high_ones(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.send("ada", "low", priority="low")
    for number in range(80):
        await hub.send("ada", f"high {number}", priority="high")
    await pool.execute(_NOW)
    titles = [claim.title for claim in await due.claim(pool, limit=20, lease=LEASE)]
    assert "low" in titles
