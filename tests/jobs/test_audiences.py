"""Large audiences: stored batch by batch, whatever dies, nobody twice and nobody left out."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
import pytest
from asyncpg import Record

from jobs.audiences import AudienceEngine
from tests.hub_process import Customer

USERS = [f"user-{number:04}" for number in range(250)]


Start = Callable[..., AbstractAsyncContextManager[Customer]]


async def _planned(hub: Customer, **fields: object) -> str:
    answer = await hub.http.post("/api/v1/notifications", json={"title": "x", **fields})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 0), answer.text
    notification_id: str = answer.json()["notification_id"]
    return notification_id


async def _progress(hub: Customer, notification_id: str) -> tuple[int, int]:
    counts = (await hub.http.get(f"/api/v1/notifications/{notification_id}")).json()["counts"]
    return counts["planned"], counts["accepted"]


async def test_a_long_list_is_stored_by_the_worker_and_heard(start_hub: Start, audience_engine: AudienceEngine) -> None:
    async with start_hub(audience_batch=100) as hub, hub.online(USERS[222]) as page:
        sent = await _planned(hub, user_ids=USERS)
        assert await _progress(hub, sent) == (250, 0)
        await audience_engine.run()
        assert (await page.heard_entries(1))[0]["id"] == sent
        assert await _progress(hub, sent) == (250, 250)
        assert [line["user_id"] for line in await hub.status(sent)] == USERS


async def test_a_topic_is_those_who_were_members_when_it_was_accepted(
    start_hub: Start, audience_engine: AudienceEngine
) -> None:
    async with start_hub(audience_batch=100) as hub:
        await hub.http.put("/api/v1/topics/all")
        await hub.http.patch("/api/v1/topics/all/members", json={"add": USERS})
        sent = await _planned(hub, topic="all", exclude=USERS[:50])
        await hub.http.patch("/api/v1/topics/all/members", json={"add": ["latecomer"], "remove": [USERS[200]]})
        await audience_engine.run()
        assert [line["user_id"] for line in await hub.status(sent)] == USERS[50:200] + USERS[201:]
        assert await _progress(hub, sent) == (199, 199)


async def test_a_worker_that_dies_in_a_batch_leaves_it_to_the_next(
    start_hub: Start, audience_engine: AudienceEngine, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(audience_batch=100) as hub:
        sent = await _planned(hub, user_ids=USERS)
        async with pool.acquire() as blocker, blocker.transaction():
            await blocker.execute("insert into inboxes (user_id, head, unread) values ($1, 0, 0)", USERS[150])
            dying = asyncio.create_task(audience_engine.run())
            while await _progress(hub, sent) != (250, 100):
                pass  # looking is the pause; the second batch will wait for that inbox
            dying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dying
        await audience_engine.run()
        assert [line["user_id"] for line in await hub.status(sent)] == USERS
        assert {line["seq"] for line in await hub.status(sent)} == {1}


async def test_two_workers_share_without_storing_anybody_twice(
    start_hub: Start, audience_engine: AudienceEngine
) -> None:
    async with start_hub(audience_batch=100) as hub:
        sent = [await _planned(hub, user_ids=USERS) for _ in range(4)]
        await asyncio.gather(audience_engine.run(), audience_engine.run(), audience_engine.run())
        await audience_engine.run()
        for one in sent:
            assert await _progress(hub, one) == (250, 250)


async def test_cancelling_ends_it_where_it_stands(
    start_hub: Start, audience_engine: AudienceEngine, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(audience_batch=100) as hub:
        sent = await _planned(hub, user_ids=USERS)
        await hub.http.delete(f"/api/v1/notifications/{sent}")
        await audience_engine.run()
        assert await pool.fetchval("select count(*) from entries") == 0


async def test_who_had_it_within_the_window_is_left_out(start_hub: Start, audience_engine: AudienceEngine) -> None:
    async with start_hub(audience_batch=100) as hub:
        await hub.send(USERS[:60], "x", dedupe={"key": "k"})
        sent = await _planned(hub, user_ids=USERS, dedupe={"key": "k"}, collapse_key="c", expires_in_s=3600)
        await audience_engine.run()
        assert await _progress(hub, sent) == (190, 190)
        assert await _progress(hub, await _planned(hub, user_ids=USERS, collapse_key="c")) == (250, 0)
        await audience_engine.run()
        assert {line["withdrawal"] for line in await hub.status(sent)} == {"replaced"}
