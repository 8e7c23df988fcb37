"""The commit that requests share: what is wrong with one is its own affair, and a bulk keeps nobody waiting."""

import asyncio

import asyncpg
from asyncpg import Record

from tests.hub_process import Customer

POISON = """
create function refuse() returns trigger language plpgsql as $$ begin
    if new.title = 'poison' then raise exception 'refused' using errcode = 'data_exception'; end if;
    return new;
end $$;
create trigger refuse before insert on notifications for each row execute function refuse();
"""


async def test_a_poisoned_request_fails_alone(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await pool.execute(POISON)
    titles = [f"good {n}" if n % 17 else "poison" for n in range(100)]
    answers = await asyncio.gather(
        *(
            hub.http.post("/api/v1/notifications", json={"user_ids": ["ada", f"user-{n % 7}"], "title": title})
            for n, title in enumerate(titles)
        )
    )
    assert [answer.status_code for answer in answers] == [422 if title == "poison" else 202 for title in titles]
    good = sum(title != "poison" for title in titles)
    assert await pool.fetchval("select count(*) from entries") == 2 * good
    assert await pool.fetchval("select head from inboxes where user_id = 'ada'") == good
    assert await pool.fetchval("select count(*) from notifications where title = 'poison'") == 0


async def test_a_poisoned_item_of_a_batch_fails_alone(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await pool.execute(POISON)
    wanted = [{"user_id": f"user-{n}", "title": "poison" if n == 313 else "good"} for n in range(500)]
    answer = await hub.http.post("/api/v1/notifications/batch", json={"notifications": wanted})
    statuses = [one["status"] for one in answer.json()["notifications"]]
    assert (statuses.pop(313), set(statuses)) == (422, {202})


async def test_a_single_send_does_not_wait_for_a_bulk(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    users = [f"user-{n}" for n in range(500)]
    async with pool.acquire() as blocker, blocker.transaction():
        await blocker.execute("insert into inboxes (user_id, head, unread) values ('user-250', 0, 0)")
        bulk = asyncio.create_task(hub.http.post("/api/v1/notifications", json={"user_ids": users, "title": "bulk"}))
        waiting = (
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        while not await pool.fetchval(waiting):
            pass  # looking is the pause; the test's time limit is the deadline
        assert await hub.send("ada", "single")
        assert not bulk.done()
    assert (await bulk).json()["accepted"] == 500


async def test_users_in_any_order_do_not_deadlock(hub: Customer) -> None:
    users = [f"user-{n}" for n in range(120)]
    answers = await asyncio.gather(
        *(
            hub.http.post(
                "/api/v1/notifications",
                json={"user_ids": users[n % 5 :: 2][:: (-1) ** n], "title": "x", "collapse_key": f"k{n % 3}"},
            )
            for n in range(40)
        ),
        *(hub.http.post("/api/v1/notifications", json={"user_ids": users[::-1], "title": "x"}) for n in range(40)),
    )
    assert {answer.status_code for answer in answers} == {202}
