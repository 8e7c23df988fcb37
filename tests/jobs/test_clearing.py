"""Read anywhere, cleared everywhere: through the real hub, engines, providers and devices."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from asyncpg import Record
from redis.asyncio import Redis

from delivery.apns.provider import Apns
from delivery.fcm.provider import Fcm
from delivery.webpush.provider import WebPush
from hub.store import clearings, inbox
from tests.browser import Browser, Heard
from tests.clearing_engine import Cleaner
from tests.due_engine import LEASE, Engine
from tests.hub_process import Customer
from tests.phone import Phone, install


class Devices:
    """An iPhone, an Android phone and a browser of one user."""

    def __init__(self, hub: Customer, browser: Browser, phones: list[Phone]) -> None:
        self.hub = hub
        self.browser = browser
        self.phones = phones
        self.all: list[Browser | Phone] = [browser, *phones]

    async def register(self) -> None:
        await self.hub.register("ada", self.browser.subscription)
        for phone in self.phones:
            await self.hub.register_phone("ada", phone.platform, phone.token)

    async def heard(self) -> list[int]:
        """How many messages each was sent."""
        return [len(await device.heard()) for device in self.all]

    async def show(self) -> list[int]:
        """How many notifications each shows."""
        return [len(await device.shows()) for device in self.all]


@pytest.fixture
async def devices(hub: Customer, browser: Browser, http: httpx.AsyncClient) -> Devices:
    made = Devices(hub, browser, [await install(http, platform=platform) for platform in ("ios", "android")])
    await made.register()
    return made


async def read(hub: Customer, *seqs: int) -> None:
    """On a device of ada's that has no pushes."""
    async with hub.online("ada") as page:
        await page.say("read", seqs=list(seqs))
        assert (await page.heard())["state"] == "read"


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


async def test_a_worker_that_died_leaves_it_to_the_next(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await pool.execute("update clearings set due_at = now()")
    [dead] = await clearings.claim(pool, limit=1, lease=LEASE)

    await cleaner.clean()
    assert await devices.show() == [1, 1, 1]  # the lease still holds
    await pool.execute("update clearings set lease_until = now()")  # it is over
    await cleaner.clean()
    assert await devices.show() == [0, 0, 0]

    await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 2)
    await clearings.settle(pool, [clearings.Settled(dead, [], 0.0, 0)])
    assert await cleaner.left() == [2]


async def test_two_workers_clear_once(
    devices: Devices, engine: Engine, pool: "asyncpg.Pool[Record]", webpush: WebPush, apns: Apns, fcm: Fcm
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await pool.execute("update clearings set due_at = now()")
    await asyncio.gather(*(Cleaner(pool, [webpush, apns, fcm]).run() for _ in range(6)))

    assert await devices.heard() == [2, 2, 2]


async def test_what_is_read_while_a_worker_has_the_user_is_not_forgotten(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    for _ in range(2):
        await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await pool.execute("update clearings set due_at = now()")
    [held] = await clearings.claim(pool, limit=1, lease=timedelta(seconds=15))
    await read(devices.hub, 2)
    assert await clearings.claim(pool, limit=1, lease=LEASE) == []
    await clearings.settle(pool, [clearings.Settled(held, [], 0.0, 0)])

    assert await cleaner.left() == [2]


async def test_a_push_on_its_way_when_it_is_read_is_cleared_once_it_was_taken(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    for device in devices.all:
        await device.meets(hang_s=1)
    await devices.hub.send("ada")
    pushing = asyncio.create_task(engine.run())
    while await devices.heard() != [1, 1, 1]:
        pass  # taken, and not answered yet
    await read(devices.hub, 1)
    await cleaner.clean()
    assert await devices.show() == [1, 1, 1]  # nobody knows of it

    await pushing
    assert await pool.fetchval("select due_at <= now() + interval '1 second' from clearings")
    await cleaner.clean()
    assert await devices.show() == [0, 0, 0]
    assert await devices.heard() == [2, 2, 2]
    assert await cleaner.left() == []


async def test_a_worker_killed_with_a_push_on_its_way_leaves_it_to_be_cleared(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    for device in devices.all:
        await device.meets(hang_s=5)
    await devices.hub.send("ada")
    await engine.take()
    while await devices.heard() != [1, 1, 1]:
        pass
    await engine.drain(within_s=0)  # as a kill: it hears of no answer
    await read(devices.hub, 1)
    await cleaner.clean()
    assert (await devices.show(), await cleaner.left()) == ([1, 1, 1], [1])

    await pool.execute("update attempts set started_at = now() - interval '15 seconds'")
    await cleaner.clean()
    assert (await devices.show(), await cleaner.left()) == ([0, 0, 0], [])


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_overtakes_what_only_the_unread_is_shown_in_the_end(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]", seed: int
) -> None:
    chance = random.Random(seed)
    done = asyncio.Event()

    async def clean() -> None:
        while not done.is_set():
            await cleaner.clean()

    async def end(seq: int, sent: str) -> None:
        await asyncio.sleep(chance.random() * 0.2)
        if chance.random() < 0.5:
            await inbox.mark_read(pool, "ada", [seq], 0)
        else:
            (await devices.hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()

    sent = [await devices.hub.send("ada", f"{seq}") for seq in range(1, 41)]
    for device in devices.all:
        await device.meets(hang_s=0.3, times=10)
    over = chance.sample(range(1, 41), 30)
    cleaning = asyncio.create_task(clean())
    await asyncio.gather(engine.run(), *(end(seq, sent[seq - 1]) for seq in over))
    done.set()
    await cleaning
    while await cleaner.left():
        await cleaner.clean()

    left = {sent[seq - 1] for seq in set(range(1, 41)) - set(over)}
    assert {_payload(one)["id"] for one in await devices.browser.shows()} == left
    assert await devices.show() == [10, 10, 10]


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
