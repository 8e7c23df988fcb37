"""`hark show`, as an operator runs it."""

import asyncio

import asyncpg
from asyncpg import Record

from jobs.audiences import AudienceEngine
from tests.command import started
from tests.hub_process import Customer
from tests.jobs.test_audiences import USERS, Start


async def _shown(database_url: str, *arguments: str) -> asyncio.subprocess.Process:
    return await started("show", *arguments, HARK_DATABASE_URL=database_url)


async def test_it_tells_where_a_notification_stands(hub: Customer, database_url: str) -> None:
    sent = await hub.send(["ada", "grace"])
    async with hub.online("ada", cursor="0") as page:
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    out, _ = await (await _shown(database_url, sent)).communicate()
    head, standing = out.decode().splitlines()
    assert head.startswith(f"{sent}, accepted 20")
    assert standing == f"[{'#' * 30}] 2 of 2 stored, 1 delivered"


async def test_it_follows_an_audience_until_nothing_more_happens(
    start_hub: Start, audience_engine: AudienceEngine, pool: "asyncpg.Pool[Record]", database_url: str
) -> None:
    async with start_hub(audience_batch=100) as hub:
        answer = await hub.http.post("/api/v1/notifications", json={"title": "x", "user_ids": USERS})
        shown = await _shown(database_url, answer.json()["notification_id"], "--follow")
        assert shown.stdout is not None
        await shown.stdout.readline()
        assert await shown.stdout.readline() == f"[{'.' * 30}] 0 of 250 stored\n".encode()
        await audience_engine.run()
        await pool.execute("update entries set acked_at = now(), due_at = null")
        rest = (await shown.stdout.read()).decode().splitlines()
        assert (rest[-1], await shown.wait()) == (f"[{'#' * 30}] 250 of 250 stored, 250 delivered", 0)


async def test_what_is_not_there_is_an_error(pool: "asyncpg.Pool[Record]", database_url: str) -> None:  # noqa: ARG001
    for wrong, told in (("01a1fb24-36c5-7a27-8d1f-8ffd5652fad8", "there is no notification"), ("x", "must be the id")):
        shown = await _shown(database_url, wrong)
        _, err = await shown.communicate()
        assert shown.returncode != 0
        assert told in err.decode()
