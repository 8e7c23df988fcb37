"""Expiry, replacing and cancelling: what is shown no more, everywhere at once."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
import pytest
from asyncpg import Record

from hub.announce import Announcer
from jobs.audiences import AudienceEngine
from jobs.sweep import Sweep
from tests.browser import Browser
from tests.device import Device
from tests.due_engine import Engine
from tests.hub_process import Customer


async def _state(page: Device) -> dict[str, Any]:
    while (frame := await page.heard())["t"] != "state":
        pass
    return frame


async def test_a_newer_one_replaces_the_unread_older_one(hub: Customer) -> None:
    async with hub.online("ada") as page:
        first = await hub.send("ada", "1 new message", collapse_key="chat-7")
        await hub.send("ada", "unrelated")
        await hub.send("ada", "2 new messages", collapse_key="chat-7")
        state = await _state(page)
        assert (state["state"], state["seqs"], state["unread"], state["head"]) == ("withdrawn", [1], 2, 3)
    assert (await hub.status(first))[0]["withdrawal"] == "replaced"
    async with hub.online("ada", cursor="0") as page:
        frames = [await page.heard(), await page.heard()]
    assert frames[0] == {"t": "gap", "from": 1, "to": 1}
    assert [entry["title"] for entry in frames[1]["entries"]] == ["unrelated", "2 new messages"]


async def test_what_was_read_stays(hub: Customer) -> None:
    async with hub.online("ada") as page:
        first = await hub.send("ada", "1 new message", collapse_key="chat-7")
        await page.heard()
        await page.say("read", seqs=[1])
        await hub.reaches(first, "read")
        await hub.send("ada", "1 new message", collapse_key="chat-7")
        await page.heard_entries(1)
    inbox = (await hub.http.get("/api/v1/users/ada/inbox")).json()
    assert ([entry["seq"] for entry in inbox["entries"]], inbox["unread"]) == ([2, 1], 1)


async def test_replacing_within_one_batch_leaves_the_last(hub: Customer) -> None:
    one = {"user_ids": ["ada", "grace"], "title": "x", "collapse_key": "k"}
    answer = await hub.http.post("/api/v1/notifications/batch", json={"notifications": [one] * 3})
    assert answer.json()["accepted"] == 3
    for user in ("ada", "grace"):
        inbox = (await hub.http.get(f"/api/v1/users/{user}/inbox")).json()
        assert ([entry["seq"] for entry in inbox["entries"]], inbox["unread"], inbox["head"]) == ([3], 1, 3)


async def test_a_replaced_entry_is_not_pushed(hub: Customer, browser: Browser, engine: Engine) -> None:
    await hub.register("ada", browser.subscription)
    for number in range(3):
        await hub.send("ada", f"{number}", collapse_key="k")
    await engine.run()
    assert [push.payload["title"] for push in await browser.heard() if isinstance(push.payload, dict)] == ["2"]


async def test_a_cancelled_notification_is_gone_from_pages_and_is_not_pushed(
    hub: Customer, browser: Browser, engine: Engine
) -> None:
    await hub.register("grace", browser.subscription)
    async with hub.online("ada") as page:
        sent = await hub.send(["ada", "grace"], "A mistake")
        await page.heard()
        answer = await hub.http.delete(f"/api/v1/notifications/{sent}")
        assert answer.json() == {"notification_id": sent, "withdrawn": 2}
        state = await _state(page)
        assert (state["state"], state["seqs"], state["unread"]) == ("withdrawn", [1], 0)
    await engine.run()
    assert await browser.heard() == []
    assert [line["state"] for line in await hub.status(sent)] == ["withdrawn", "withdrawn"]
    again = await hub.http.delete(f"/api/v1/notifications/{sent}")
    assert (again.status_code, again.json()["withdrawn"]) == (200, 0)
    found = (await hub.http.get(f"/api/v1/notifications/{sent}")).json()
    assert (found["counts"]["withdrawn"], found["cancelled_at"] is not None) == (2, True)


async def test_what_a_request_left_is_not_pushed_and_the_worker_withdraws_it(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]", announcer: Announcer
) -> None:
    await hub.register("grace", browser.subscription)
    sent = await hub.send("grace", "A mistake")
    await pool.execute("update notifications set cancelled_at = now()")  # and its hub died
    await engine.run()
    assert await browser.heard() == []
    sweep = Sweep(pool, announcer)
    await sweep.withdraw_cancelled()
    assert [line["state"] for line in await hub.status(sent)] == ["accepted"]  # the request may still be at it
    await pool.execute("update notifications set cancelled_at = now() - interval '3 seconds'")
    await sweep.withdraw_cancelled()
    assert [line["state"] for line in await hub.status(sent)] == ["withdrawn"]
    assert await pool.fetchval("select withdrawn_at is not null from notifications")


async def test_cancelling_very_many_is_answered_before_all_are_withdrawn(
    hub: Customer, pool: "asyncpg.Pool[Record]", audience_engine: AudienceEngine, announcer: Announcer
) -> None:
    users = [f"user-{number}" for number in range(6_001)]
    sent = await hub.send(users)
    await audience_engine.run()
    answer = await hub.http.delete(f"/api/v1/notifications/{sent}")
    assert (answer.status_code, answer.json()["withdrawn"]) == (202, 6_000)
    await pool.execute("update notifications set cancelled_at = now() - interval '3 seconds'")
    await Sweep(pool, announcer).withdraw_cancelled()
    assert (await hub.http.get(f"/api/v1/notifications/{sent}")).json()["counts"]["withdrawn"] == len(users)


async def test_cancelling_what_never_was_is_not_found(hub: Customer) -> None:
    for wrong in ("01a1fb24-36c5-7a27-8d1f-8ffd5652fad8", "not-an-id"):
        assert (await hub.http.delete(f"/api/v1/notifications/{wrong}")).status_code == 404


async def test_an_expired_entry_goes_from_the_page_and_the_count(
    hub: Customer, pool: "asyncpg.Pool[Record]", announcer: Announcer
) -> None:
    async with hub.online("ada") as page:
        sent = await hub.send("ada", "Flash sale", expires_in_s=1)
        await hub.send("ada", "Stays")
        await pool.execute("update entries set expires_at = now() where seq = 1")
        await Sweep(pool, announcer).withdraw_expired()
        state = await _state(page)
        assert (state["state"], state["seqs"], state["unread"]) == ("withdrawn", [1], 1)
    [line] = await hub.status(sent)
    assert (line["state"], line["failure"], line["withdrawal"]) == ("failed", "expired", "expired")


async def test_expiry_is_counted_from_acceptance(hub: Customer) -> None:
    sent = await hub.send("ada", expires_in_s=3600)
    found = (await hub.http.get(f"/api/v1/notifications/{sent}")).json()
    assert found["expires_at"] > found["created_at"]
    for wrong in (0, -1, 10**9, "1h"):
        answer = await hub.http.post(
            "/api/v1/notifications", json={"user_id": "ada", "title": "x", "expires_in_s": wrong}
        )
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$.expires_in_s")


@pytest.mark.parametrize("seed", range(3))
async def test_replacing_and_reading_at_once_keeps_the_count_true(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], pool: "asyncpg.Pool[Record]", seed: int
) -> None:
    async with start_hub() as hub, hub.online("ada") as page:

        async def send(number: int) -> None:
            await hub.send(["ada", f"user-{seed}"], "x", collapse_key=f"k{number % 3}")

        async def read() -> None:
            for seq in range(1, 31):
                await page.say("read", seqs=[seq])
                await asyncio.sleep(0.002)

        await asyncio.gather(read(), *(send(number) for number in range(30)))
        while (await hub.http.get("/api/v1/users/ada/inbox")).json()["head"] < 30:
            pass
    truth = "select count(*) from entries where user_id = 'ada' and read_at is null and withdrawn_at is null"
    counted = "select unread from inboxes where user_id = 'ada'"
    assert await pool.fetchval(counted) == await pool.fetchval(truth)
