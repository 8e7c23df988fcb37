"""429: who is told to wait, and what the headers say."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
from asyncpg import Record

from tests.hub_process import Customer

Start = Callable[..., AbstractAsyncContextManager[Customer]]
SEND = "/api/v1/notifications"


async def test_a_key_that_sends_too_much_waits(start_hub: Start, pool: "asyncpg.Pool[Record]") -> None:
    async with start_hub(key_rate=5) as hub:
        started = time.monotonic()
        answers = await asyncio.gather(
            *(hub.http.post(SEND, json={"user_id": f"user-{n}", "title": "x"}) for n in range(20))
        )
        accepted = [answer for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code == 429]
        came_back = 5 * (time.monotonic() - started)
        assert (5 <= len(accepted) <= 6 + came_back, len(accepted) + len(refused)) == (True, 20)
        assert {answer.headers["ratelimit-limit"] for answer in answers} == {"5"}
        assert min(int(answer.headers["ratelimit-remaining"]) for answer in accepted) == 0
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert refused[0].json()["detail"] == "over the limit of this key: 5 a second"
        assert refused[0].headers["content-type"] == "application/problem+json"
        assert await pool.fetchval("select count(*) from entries") == len(accepted)
        await asyncio.sleep(int(refused[0].headers["retry-after"]))
        assert await hub.send("ada")


async def test_one_user_cannot_be_flooded_and_others_are_not_concerned(start_hub: Start) -> None:
    async with start_hub(user_rate=0.1, user_burst=3) as hub:
        for _ in range(3):
            await hub.send("ada")
        refused = await hub.http.post(SEND, json={"user_ids": ["grace", "ada"], "title": "x"})
        assert (refused.status_code, int(refused.headers["retry-after"]) > 5) == (429, True)
        assert (await hub.http.get("/api/v1/users/grace/inbox")).json()["head"] == 0
        await hub.send("grace")


async def test_a_batch_is_charged_for_each_of_its_users_and_refused_whole(start_hub: Start) -> None:
    async with start_hub(user_rate=0.1, user_burst=3) as hub:
        batch = [{"user_id": "ada", "title": "x"}] * 3 + [{"user_id": "grace", "title": "x"}]
        answer = await hub.http.post(f"{SEND}/batch", json={"notifications": batch})
        assert answer.status_code == 202
        again = await hub.http.post(f"{SEND}/batch", json={"notifications": batch[2:]})
        assert again.status_code == 429
        assert (await hub.http.get("/api/v1/users/grace/inbox")).json()["head"] == 1


async def test_nobody_is_flooded_by_what_the_worker_stores_either(start_hub: Start) -> None:
    async with start_hub(user_rate=0.1, user_burst=2, audience_batch=1) as hub:
        await hub.http.put("/api/v1/topics/news")
        await hub.http.patch("/api/v1/topics/news/members", json={"add": ["ada", "grace"]})
        for target in ({"topic": "news"}, {"user_ids": ["ada", "grace"]}):
            for _ in range(2):
                assert (await hub.http.post(SEND, json={**target, "title": "x"})).json()["planned"] == 2
            assert (await hub.http.post(SEND, json={**target, "title": "x"})).status_code == 429


async def test_bad_keys_stop_at_the_address_before_they_reach_postgres(
    start_hub: Start, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(address_rate=10) as hub:
        await hub.send("ada")  # a good key, from then on known
        seen = "select calls from pg_stat_user_tables, lateral (select idx_scan + seq_scan as calls) c"
        seen += " where relname = 'api_keys'"
        started = time.monotonic()
        answers = await asyncio.gather(
            *(hub.http.get(SEND + "/x", headers={"Authorization": f"Bearer hark_{n}_wrong"}) for n in range(40))
        )
        came_back = 10 * (time.monotonic() - started)
        codes = [answer.status_code for answer in answers]
        assert set(codes) == {401, 429}
        assert codes.count(401) <= 9 + 1 + came_back
        assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 429} == {"1"}
        assert await hub.send("ada")  # who is known is not concerned
        await pool.fetchval("select pg_stat_force_next_flush()")
        assert (await pool.fetchval(seen) or 0) <= 2 + codes.count(401)


async def test_bad_keys_stop_at_the_address_without_redis_too(start_hub: Start) -> None:
    async with start_hub(address_rate=0.01, redis_url="redis://127.0.0.1:1") as hub:
        codes = [
            (await hub.http.get(SEND + "/x", headers={"Authorization": f"Bearer hark_{n}_wrong"})).status_code
            for n in range(5)
        ]
    assert codes == [401] + [429] * 4
