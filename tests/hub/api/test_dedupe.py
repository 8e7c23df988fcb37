"""The de-duplication window."""

from typing import Any

import asyncpg
from asyncpg import Record

from hub.store import dedupes
from tests.hub_process import Customer


async def _send(hub: Customer, users: str | list[str], title: str = "Paid", **fields: Any) -> dict[str, Any]:
    to = {"user_id": users} if isinstance(users, str) else {"user_ids": users}
    answer = await hub.http.post("/api/v1/notifications", json={**to, "title": title, **fields})
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_the_same_content_is_stored_once_and_the_answer_names_the_first(hub: Customer) -> None:
    first = await _send(hub, "ada", data={"order": 7}, dedupe={})
    again = await _send(hub, "ada", data={"order": 7}, dedupe={})
    assert (again["accepted"], again["notification_id"]) == (0, first["notification_id"])
    assert again["duplicates"] == [{"user_id": "ada", "notification_id": first["notification_id"]}]
    other = await _send(hub, "ada", data={"order": 8}, dedupe={})
    asked_for_nothing = await _send(hub, "ada", data={"order": 7})
    assert (other["accepted"], asked_for_nothing["accepted"]) == (1, 1)


async def test_only_those_who_had_it_are_left_out(hub: Customer) -> None:
    first = await _send(hub, ["ada", "grace"], dedupe={"key": "invoice-7"})
    second = await _send(hub, ["grace", "linus"], "Another title", dedupe={"key": "invoice-7"})
    assert (second["accepted"], second["notification_id"] != first["notification_id"]) == (1, True)
    assert second["duplicates"] == [{"user_id": "grace", "notification_id": first["notification_id"]}]
    assert [line["user_id"] for line in await hub.status(second["notification_id"])] == ["linus"]


async def test_a_key_is_free_again_after_its_window(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await _send(hub, "ada", dedupe={"window_s": 60})
    assert await dedupes.forget(pool, limit=10) == 0
    await pool.execute("update dedupes set until = now()")
    assert (await _send(hub, "ada", dedupe={"window_s": 60}))["accepted"] == 1
    await pool.execute("update dedupes set until = now()")
    assert await dedupes.forget(pool, limit=10) == 1


async def test_within_one_batch_the_first_wins(hub: Customer) -> None:
    one = {"user_id": "ada", "title": "x", "dedupe": {}}
    answer = await hub.http.post("/api/v1/notifications/batch", json={"notifications": [one, one, one]})
    lines = answer.json()["notifications"]
    assert [line["accepted"] for line in lines] == [1, 0, 0]
    assert {line["notification_id"] for line in lines} == {lines[0]["notification_id"]}
