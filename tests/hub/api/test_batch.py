"""`POST /api/v1/notifications/batch`: many different notifications, an answer for each."""

import asyncpg
from asyncpg import Record

from tests.hub_process import Customer

BATCH = "/api/v1/notifications/batch"


async def test_a_thousand_notifications_are_answered_in_order_and_heard_in_order(hub: Customer) -> None:
    async with hub.online("ada") as page:
        wanted = [{"user_id": "ada" if n % 2 else f"user-{n}", "title": f"number {n}"} for n in range(1000)]
        answer = await hub.http.post(BATCH, json={"notifications": wanted})
        said = answer.json()
        assert (answer.status_code, said["accepted"], said["failed"]) == (202, 1000, 0)
        entries = await page.heard_entries(500)
    assert [entry["title"] for entry in entries] == [f"number {n}" for n in range(1, 1000, 2)]
    assert [entry["id"] for entry in entries] == [one["notification_id"] for one in said["notifications"][1::2]]


async def test_what_is_wrong_is_told_by_item_and_its_neighbours_are_accepted(hub: Customer) -> None:
    wanted = [
        {"user_id": "ada", "title": "good"},
        {"user_id": "ada", "title": 7},
        {"user_ids": ["ada", "grace\n"], "title": "x"},
        {"topic": "nowhere", "title": "x"},
        {"title": "to nobody"},
        {"user_id": "ada", "title": "good too"},
    ]
    answer = await hub.http.post(BATCH, json={"notifications": wanted})
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["failed"]) == (207, 2, 4)
    assert [one["status"] for one in said["notifications"]] == [202, 422, 422, 422, 422, 202]
    paths = [one["errors"][0]["path"] for one in said["notifications"] if one["status"] == 422]
    assert paths == [
        "$.notifications[1].title",
        "$.notifications[2].user_ids[1]",
        "$.notifications[3].topic",
        "$.notifications[4]",
    ]


async def test_a_batch_of_which_nothing_is_good_is_answered_item_by_item(hub: Customer) -> None:
    answer = await hub.http.post(BATCH, json={"notifications": [{}, {"title": "to nobody"}]})
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["failed"]) == (207, 0, 2)
    assert [one["status"] for one in said["notifications"]] == [422, 422]


async def test_a_batch_of_another_shape_is_refused_whole(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    wrong: list[dict[str, object]] = [
        {},
        {"notifications": []},
        {"notifications": [{"user_id": "ada", "title": "x"}] * 1001},
    ]
    for body in wrong:
        assert (await hub.http.post(BATCH, json=body)).status_code == 422
    large = await hub.http.post(
        BATCH, content=b" " * (4 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"}
    )
    assert large.status_code == 413
    assert await pool.fetchval("select count(*) from notifications") == 0


async def test_ten_thousand_users_are_one_request_and_one_bad_id_refuses_it(
    hub: Customer, pool: "asyncpg.Pool[Record]"
) -> None:
    users = [f"user-{number:05}" for number in range(10_000)]
    users[4711] = "not\x00stored"
    answer = await hub.http.post("/api/v1/notifications", json={"user_ids": users, "title": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$.user_ids[4711]")
    assert await pool.fetchval("select count(*) from notifications") == 0
    users[4711] = "stored"
    answer = await hub.http.post("/api/v1/notifications", json={"user_ids": users, "title": "x"})
    assert (answer.status_code, answer.json()["planned"]) == (202, 10_000)
