"""Clearing while workers die, and pushes, reads and withdrawals overtake each other."""

import asyncio
import random
from datetime import timedelta

import asyncpg
import pytest
from asyncpg import Record

from delivery.apns.provider import Apns
from delivery.fcm.provider import Fcm
from delivery.webpush.provider import WebPush
from hub.store import clearings, inbox
from hub.vault import Vault
from tests.clearing_engine import Cleaner
from tests.devices import Devices, read
from tests.due_engine import LEASE, Engine


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
    devices: Devices, engine: Engine, pool: "asyncpg.Pool[Record]", vault: Vault, webpush: WebPush, apns: Apns, fcm: Fcm
) -> None:
    await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await pool.execute("update clearings set due_at = now()")
    await asyncio.gather(*(Cleaner(pool, vault, [webpush, apns, fcm]).run() for _ in range(6)))

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


async def test_what_is_being_read_while_a_worker_lets_go_of_the_user_is_not_forgotten(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    for _ in range(2):
        await devices.hub.send("ada")
    await engine.run()
    await read(devices.hub, 1)
    await pool.execute("update clearings set due_at = now()")
    [held] = await clearings.claim(pool, limit=1, lease=LEASE)
    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("update clearings set seqs = seqs || 2::bigint")
        settling = asyncio.create_task(clearings.settle(pool, [clearings.Settled(held, [], 0.0, 0)]))
        while not await pool.fetchval("select exists (select from pg_locks where not granted)"):
            pass  # it waits for the reader
    await settling

    assert await cleaner.left() == [2]


async def test_a_push_on_its_way_when_it_is_read_is_cleared_once_it_was_taken(
    devices: Devices, engine: Engine, cleaner: Cleaner, pool: "asyncpg.Pool[Record]"
) -> None:
    for device in devices.all:
        await device.meets(hang_s=3)
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
    assert {one.payload["id"] for one in await devices.browser.shows() if isinstance(one.payload, dict)} == left
    assert await devices.show() == [10, 10, 10]
