"""The due engine: entries that nobody acknowledged go out as pushes, once, whatever dies."""

import asyncio
import contextlib
from datetime import timedelta

import asyncpg
import msgspec
from asyncpg import Record

from delivery.webpush.provider import WebPush
from hub.store import attempts, due
from hub.vault import Vault
from tests.browser import Browser
from tests.due_engine import Engine, begun, due_engine
from tests.hub_process import Customer


async def test_nobody_is_connected_so_the_push_goes_out_at_once(
    hub: Customer, browser: Browser, engine: Engine
) -> None:
    session_id = await hub.register("ada", browser.subscription)
    sent = await hub.send("ada", "Shipped", message="On its way", data={"order": 42})

    await engine.run()

    [push] = await browser.heard()
    assert isinstance(push.payload, dict)
    assert (push.payload["id"], push.payload["title"], push.payload["data"]) == (sent, "Shipped", {"order": 42})
    [line] = await hub.status(sent)
    assert line["state"] == "pushed"
    [attempt] = line["attempts"]
    assert (attempt["session_id"], attempt["outcome"], attempt["number"]) == (session_id, "accepted", 1)


async def test_a_connected_device_has_the_ack_deadline_first(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    async with hub.online("ada") as page:
        sent = await hub.send("ada")
        await page.heard()
        await engine.run()
        assert await browser.heard() == []
        assert await pool.fetchval("select due_at - created_at from entries") == timedelta(seconds=5)

        await pool.execute("update entries set due_at = now()")  # five seconds later
        await engine.run()
        assert len(await browser.heard()) == 1
        assert (await hub.status(sent))[0]["state"] == "pushed"


async def test_an_acknowledged_entry_is_never_pushed(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    async with hub.online("ada") as page:
        await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    assert await pool.fetchval("select due_at from entries") is None
    await engine.run()
    assert await browser.heard() == []


async def test_every_device_of_the_user_is_pushed_to(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    for name in ("tablet", "laptop"):
        endpoint = msgspec.json.decode(browser.subscription)
        endpoint["endpoint"] = endpoint["endpoint"].rpartition("/")[0] + "/" + name
        await hub.register("ada", msgspec.json.encode(endpoint).decode())
    sent = await hub.send("ada")
    await engine.run()
    [line] = await hub.status(sent)
    assert [attempt["number"] for attempt in line["attempts"]] == [1, 1]
    assert await pool.fetchval("select count(*) from attempts where finished_at is not null") == 2


async def test_a_user_without_a_device_is_told_as_failed_and_still_has_it_in_the_inbox(
    hub: Customer, engine: Engine
) -> None:
    sent = await hub.send("ada")
    await engine.run()
    [line] = await hub.status(sent)
    assert (line["state"], line["failure"]) == ("failed", "no_target")
    async with hub.online("ada", cursor="0") as page:
        assert (await page.heard_entries(1))[0]["id"] == sent


async def test_a_device_without_a_configured_channel_is_told_so(
    hub: Customer, pool: "asyncpg.Pool[Record]", vault: Vault, webpush: WebPush
) -> None:
    await hub.register_phone("ada", "ios", "abc")
    sent = await hub.send("ada")
    async with due_engine(pool, vault, webpush) as engine:
        await engine.run()
    assert (await hub.status(sent))[0]["failure"] == "no_channel"


async def test_a_provider_that_is_down_is_asked_again_later(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    await browser.meets(status=503)
    sent = await hub.send("ada")
    await engine.run()
    [line] = await hub.status(sent)
    assert line["state"] == "accepted"
    assert line["attempts"][0]["outcome"] == "unavailable"

    await pool.execute("update entries set due_at = now(); update attempts set retry_at = now()")  # later
    await engine.run()
    [line] = await hub.status(sent)
    assert [attempt["outcome"] for attempt in line["attempts"]] == ["unavailable", "accepted"]
    assert line["state"] == "pushed"


async def test_retry_after_is_obeyed(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    await browser.meets(status=429, retry_after_s=120)
    await hub.send("ada")
    await engine.run()
    waits = await pool.fetchval("select extract(epoch from due_at - now())::float8 from entries")
    assert 119 < waits <= 120 * 1.1


async def test_a_dead_token_takes_its_session_out_of_use(hub: Customer, browser: Browser, engine: Engine) -> None:
    await hub.register("ada", browser.subscription)
    await browser.unsubscribe()
    sent = await hub.send("ada")
    await engine.run()
    [session] = (await hub.http.get("/api/v1/sessions/ada")).json()["sessions"]
    assert session["state"] == "gone"
    assert (await hub.status(sent))[0]["failure"] == "gone"

    again = await hub.send("ada")
    await engine.run()
    assert (await hub.status(again))[0]["failure"] == "no_target"


async def test_a_worker_that_died_leaves_its_entry_to_the_next(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    session_id = await hub.register("ada", browser.subscription)
    sent = await hub.send("ada")
    [claim] = await due.claim(pool, limit=1, lease=timedelta(seconds=15))
    assert await attempts.begin(pool, begun(claim, session_id, 1)) == [True]

    await engine.run()
    assert await browser.heard() == []  # the lease still holds

    await pool.execute("update entries set due_at = now()")  # it is over
    await engine.run()
    assert len(await browser.heard()) == 1
    [line] = await hub.status(sent)
    assert [attempt["outcome"] for attempt in line["attempts"]] == [None, "accepted"]

    assert await attempts.begin(pool, begun(claim, session_id, 3)) == [False]


async def test_two_workers_push_once(
    hub: Customer, browser: Browser, pool: "asyncpg.Pool[Record]", vault: Vault, webpush: WebPush
) -> None:
    await hub.register("ada", browser.subscription)
    await hub.send("ada")
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(due_engine(pool, vault, webpush)) for _ in range(8)]
        await asyncio.gather(*(worker.run() for worker in workers))
    assert len(await browser.heard()) == 1


async def test_an_ack_between_claim_and_call_stops_the_push(
    hub: Customer, pool: "asyncpg.Pool[Record]", browser: Browser
) -> None:
    session_id = await hub.register("ada", browser.subscription)
    async with hub.online("ada") as page:
        await hub.send("ada")
        await page.heard()
        await pool.execute("update entries set due_at = now()")
        [claim] = await due.claim(pool, limit=1, lease=timedelta(seconds=15))
        await page.say("ack", seq=1)
        await page.heard()
    assert await attempts.begin(pool, begun(claim, session_id, 1)) == [False]
