"""Read anywhere, cleared everywhere: through the real hub, engines, providers and devices."""

from typing import Any

import asyncpg
import msgspec
import pytest
from asyncpg import Record
from redis.asyncio import Redis

from tests.browser import Browser, Heard
from tests.clearing_engine import Cleaner
from tests.devices import Devices, read
from tests.due_engine import Engine
from tests.hub_process import Customer


async def told(browser: Browser) -> list[dict[str, Any]]:
    """What it was told to clear."""
    return [one for one in map(_payload, await browser.heard()) if "clear" in one]


def _payload(one: Heard) -> dict[str, Any]:
    assert isinstance(one.payload, dict)
    return one.payload


async def test_what_is_read_on_one_device_is_shown_on_none(devices: Devices, engine: Engine, cleaner: Cleaner) -> None:
    await devices.hub.send("ada")
    await engine.run()
    assert await devices.show() == [1, 1, 1]

    await read(devices.hub, 1)
    await cleaner.clean()
    assert await devices.show() == [0, 0, 0]
    assert await devices.heard() == [2, 2, 2]

    await cleaner.clean()
    assert await devices.heard() == [2, 2, 2]
    assert await cleaner.left() == []


async def test_what_is_not_read_stays_and_the_badge_counts_it(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    for title in ("stays", "goes"):
        await devices.hub.send("ada", title)
    await engine.run()
    await read(devices.hub, 2)
    await cleaner.clean()

    assert await devices.show() == [1, 1, 1]
    [one] = await told(devices.browser)
    assert one == {"clear": {"seqs": [[2, 2]]}, "unread": 1, "head": 2}


async def test_what_is_taken_back_is_shown_nowhere(devices: Devices, engine: Engine, cleaner: Cleaner) -> None:
    sent = await devices.hub.send("ada", "A mistake")
    await engine.run()
    (await devices.hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    await cleaner.clean()

    assert await devices.show() == [0, 0, 0]


async def test_what_was_never_pushed_costs_nothing(devices: Devices, engine: Engine, cleaner: Cleaner) -> None:
    async with devices.hub.online("ada") as page:
        sent = await devices.hub.send("ada")
        await page.heard()
        await page.say("read", seqs=[1])
        await page.heard()
    (await devices.hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    await engine.run()

    assert await cleaner.left() == []
    await cleaner.clean()
    assert await devices.heard() == [0, 0, 0]


async def test_who_has_no_device_costs_nothing(hub: Customer, engine: Engine, cleaner: Cleaner) -> None:
    await hub.send("ada")
    await engine.run()
    await read(hub, 1)

    assert await cleaner.left() == []


@pytest.mark.parametrize("how", ["read", "withdrawn"])
async def test_the_worker_is_woken_when_there_is_something_to_clear(
    devices: Devices, engine: Engine, redis: Redis, how: str
) -> None:
    sent = await devices.hub.send("ada")
    await engine.run()
    assert await redis.keys("arq:job:clear:*") == []
    if how == "read":
        await read(devices.hub, 1)
    else:
        (await devices.hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    while not await redis.keys("arq:job:clear:*"):
        pass  # the page hears of it first


async def test_two_hundred_read_at_once_are_one_call_a_device(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    for _ in range(200):
        await devices.hub.send("ada")
    await devices.hub.send("ada", "stays")
    await engine.run()
    async with devices.hub.online("ada") as page:
        for seq in range(1, 101):
            await page.say("read", seqs=[seq])
            await page.heard()
        await page.say("read", through=200)
        await page.heard()
    await cleaner.clean()

    assert await devices.heard() == [202, 202, 202]
    assert (await devices.show())[:2] == [1, 1]
    assert (await told(devices.browser))[0]["clear"] == {"seqs": [[1, 200]]}


async def test_a_provider_that_is_away_for_a_while_clears_later_and_the_others_at_once(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    iphone = devices.phones[0]
    await iphone.meets(status=503, times=2)
    await read(devices.hub, 1)
    await cleaner.clean()
    assert await devices.show() == [0, 1, 0]
    await cleaner.run()
    assert await devices.show() == [0, 1, 0]  # not before its time

    for _ in range(2):
        await cleaner.clean()
    assert await devices.show() == [0, 0, 0]
    assert await devices.heard() == [2, 2, 2]
    assert await cleaner.left() == []


async def test_after_an_hour_it_is_given_up(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await devices.phones[0].meets(status=503)
    await read(devices.hub, 1)
    await cleaner.clean()
    assert await cleaner.left() == [1]

    await pool.execute("update entries set read_at = now() - interval '1 hour'")
    await cleaner.clean()
    assert await cleaner.left() == []
    assert await devices.show() == [0, 1, 0]


async def test_a_device_that_is_gone_is_found_out(devices: Devices, engine: Engine, cleaner: Cleaner) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await devices.phones[1].deletes_the_app()
    await read(devices.hub, 1)
    await cleaner.clean()

    found = (await devices.hub.http.get("/api/v1/sessions/ada")).json()["sessions"]
    assert {one["platform"]: one["state"] for one in found} == {"web": "active", "ios": "active", "android": "gone"}
    assert await cleaner.left() == []


async def test_what_the_newer_one_has_replaced_is_the_newer_ones(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    for title in ("one", "two"):
        await devices.hub.send("ada", title, collapse_key="order-42")
        await engine.run()
    assert await cleaner.left() == [1]
    await cleaner.clean()
    assert await devices.show() == [1, 1, 1]
    assert await devices.heard() == [2, 2, 2]

    await read(devices.hub, 2)
    await cleaner.clean()
    assert await devices.show() == [0, 0, 0]


async def test_what_was_replaced_and_its_heir_never_pushed_is_cleared(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    await devices.hub.send("ada", "one", collapse_key="order-42")
    await engine.run()
    async with devices.hub.online("ada") as page:
        await devices.hub.send("ada", "two", collapse_key="order-42")
        await cleaner.clean()
        assert await devices.show() == [1, 1, 1]  # the next push may come any moment
        while (await page.heard())["t"] != "msg":
            pass
        await page.say("ack", seq=2)
        while (await page.heard())["t"] != "ack_ok":
            pass
    await engine.run()
    await cleaner.clean()

    assert await devices.show() == [0, 0, 0]
    assert await devices.heard() == [2, 2, 2]


async def test_a_session_of_another_user_by_now_is_told_nothing(
    devices: Devices, engine: Engine, cleaner: Cleaner
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await devices.hub.register("grace", devices.browser.subscription)
    await read(devices.hub, 1)
    await cleaner.clean()

    assert await devices.heard() == [1, 2, 2]


async def test_the_phones_are_told_what_an_app_needs(devices: Devices, engine: Engine, cleaner: Cleaner) -> None:
    sent = await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await cleaner.clean()
    iphone, android = [_payload((await phone.heard())[-1]) for phone in devices.phones]

    expected = {"clear": {"tags": [sent], "seqs": [[1, 1]]}, "unread": 0, "head": 1}
    assert iphone == {"aps": {"badge": 0, "content-available": 1}, "hark": expected}
    assert msgspec.json.decode(android["data"]["hark"]) == expected
