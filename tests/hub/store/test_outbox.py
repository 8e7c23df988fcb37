"""What happens to an entry leaves word for webhooks: in the same transaction, once, and where it is wanted."""

from typing import Any

import asyncpg
import msgspec
import pytest
from asyncpg import Record

from hub.store import archive, inbox, withdrawals
from hub.store.inbox import Ack
from tests.browser import Browser
from tests.due_engine import Engine
from tests.hub_process import Customer

URL = "http://127.0.0.1:1/"


async def left(pool: "asyncpg.Pool[Record]") -> list[tuple[str, dict[str, Any]]]:
    """The events that are to be told, in the order they were written."""
    rows = await pool.fetch("select type, data from webhook_events order by created_at, type desc, id")
    return [(row["type"], msgspec.json.decode(row["data"])) for row in rows]


async def ack(pool: "asyncpg.Pool[Record]", user_id: str, *, background: bool = False) -> int:
    return await inbox.ack(pool, [Ack(user_id, 0, 100, background)])


async def test_the_first_ack_is_told_and_no_other(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    sent = await hub.send("ada")
    assert await ack(pool, "ada", background=True) == 1
    assert await ack(pool, "ada") == 1  # seen by somebody now: the ladder ends, and the webhook knows already
    assert await ack(pool, "ada") == 0
    assert await left(pool) == [
        ("notification.delivered", {"notification_id": sent, "user_id": "ada", "seq": 1}),
    ]


async def test_acks_of_many_are_told_each(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    users = [f"user-{number}" for number in range(300)]
    await hub.send(users)
    assert await inbox.ack(pool, [Ack(user, 0, 1, background=False) for user in users]) == 300
    assert sorted(data["user_id"] for _, data in await left(pool)) == sorted(users)


async def test_an_ack_over_a_socket_is_told(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    async with hub.online("ada") as page:
        await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    assert [event for event, _ in await left(pool)] == ["notification.delivered"]


async def test_who_reads_it_has_it(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    for _ in range(3):
        await hub.send("ada")
    await ack(pool, "ada")
    await hub.send("ada")
    await pool.execute("delete from webhook_events")
    await inbox.mark_read(pool, "ada", [], 4)
    await inbox.mark_read(pool, "ada", [1], 4)
    told = [(event, data["seq"]) for event, data in await left(pool)]
    assert sorted(told) == [("notification.delivered", 4), *(("notification.read", seq) for seq in (1, 2, 3, 4))]


async def test_who_archives_it_has_it_and_has_read_it(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    await hub.send("ada")
    await hub.send("ada")
    await inbox.mark_read(pool, "ada", [1], 0)
    await pool.execute("delete from webhook_events")
    for _ in range(2):
        await archive.archive(pool, "ada", [1, 2])
    await archive.unarchive(pool, "ada", [1, 2])
    await archive.archive(pool, "ada", [1, 2])
    assert [(event, data["seq"]) for event, data in await left(pool)] == [
        ("notification.read", 2),
        ("notification.delivered", 2),
    ]


async def test_who_sees_it_has_it(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    await hub.send("ada")
    await inbox.mark_seen(pool, "ada", [1])
    await inbox.mark_seen(pool, "ada", [1])
    await ack(pool, "ada")
    assert [event for event, _ in await left(pool)] == ["notification.delivered"]


async def test_what_a_provider_took_is_told_with_channel_and_session(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(URL)
    session_id = await hub.register("ada", browser.subscription)
    sent = await hub.send("ada")
    await engine.run()
    whose = {"notification_id": sent, "user_id": "ada", "seq": 1}
    assert await left(pool) == [("notification.pushed", whose | {"channel": "webpush", "session_id": session_id})]


async def test_what_nobody_took_is_told_with_the_reason(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(URL)
    await hub.send("nobody")
    await hub.register("ada", browser.subscription)
    await browser.meets(status=413)
    await hub.send("ada")
    await engine.run()
    told = [(event, data["user_id"], data["failure"]) for event, data in await left(pool)]
    assert sorted(told) == [("notification.failed", "ada", "rejected"), ("notification.failed", "nobody", "no_target")]


async def test_what_a_provider_will_take_later_is_not_told_yet(
    hub: Customer, browser: Browser, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(URL)
    await hub.register("ada", browser.subscription)
    await browser.meets(status=503)
    await hub.send("ada")
    await engine.run()
    assert await left(pool) == []


@pytest.mark.parametrize(("reached", "told"), [(False, [("notification.failed", "expired")]), (True, [])])
async def test_what_expired_is_told_unless_somebody_had_it(
    hub: Customer,
    pool: "asyncpg.Pool[Record]",
    reached: bool,  # noqa: FBT001
    told: list[tuple[str, str]],
) -> None:
    await hub.send("ada", expires_in_s=3600)
    if reached:
        await ack(pool, "ada")
    await hub.add_webhook(URL)
    await pool.execute("update entries set expires_at = now()")  # an hour later
    assert await withdrawals.expired(pool, limit=10) is not None
    assert [(event, data["failure"]) for event, data in await left(pool)] == told


async def test_what_failed_before_it_expired_is_told_once(
    hub: Customer, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(URL)
    await hub.send("ada", expires_in_s=3600)
    await engine.run()
    await pool.execute("update entries set expires_at = now()")
    assert await withdrawals.expired(pool, limit=10) is not None
    assert [data["failure"] for _, data in await left(pool)] == ["no_target"]


async def test_each_webhook_has_what_it_wants(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    everything = await hub.add_webhook(URL)
    reads = await hub.add_webhook(URL, events=["notification.read"])
    off = await hub.add_webhook(URL)
    await hub.http.patch(f"/api/v1/webhooks/{off['id']}", json={"enabled": False})
    await hub.send("ada")
    await inbox.mark_read(pool, "ada", [1], 0)
    rows = await pool.fetch("select webhook_id::text, type, id from webhook_events")
    assert sorted((row["webhook_id"], row["type"]) for row in rows) == sorted(
        [
            (everything["id"], "notification.delivered"),
            (everything["id"], "notification.read"),
            (reads["id"], "notification.read"),
        ]
    )
    assert len({row["id"] for row in rows}) == 3


async def test_without_a_webhook_nothing_is_written_and_no_row_looked_at(
    hub: Customer, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.send("ada")
    arguments = "array['ada'], array[0::bigint], array[1::bigint], array[false], 30.0"
    async with pool.acquire() as connection:
        await connection.execute(f"prepare an_ack (text[], bigint[], bigint[], bool[], float8) as {inbox._ACK}")
        plan = await connection.fetch(f"explain (analyze, timing off) execute an_ack ({arguments})")
        await connection.execute("deallocate an_ack")
    lines = [row[0] for row in plan]
    [guard] = [number for number, line in enumerate(lines) if "One-Time Filter" in line]
    assert "(never executed)" in lines[guard + 1]
    assert await pool.fetchval("select acked_at is not null from entries")
    assert await left(pool) == []


async def test_an_event_that_cannot_be_written_takes_the_ack_back(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    """Both or neither: a process may die at any point of this, and an ack without its event cannot be found again."""
    await hub.add_webhook(URL)
    await hub.send("ada")
    await pool.execute("alter table webhook_events add constraint full_disk check (false)")
    with pytest.raises(asyncpg.CheckViolationError):
        await ack(pool, "ada")
    assert await pool.fetchval("select acked_at from entries") is None
    await pool.execute("alter table webhook_events drop constraint full_disk")
    assert await ack(pool, "ada") == 1
    assert len(await left(pool)) == 1


async def test_a_body_stays_far_below_what_receivers_take(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(URL)
    await hub.send("\U0001f9ee" * 128, data={"note": "x" * 4000})
    await ack(pool, "\U0001f9ee" * 128)
    assert await pool.fetchval("select octet_length(data::text) from webhook_events") < 20_000 / 10
