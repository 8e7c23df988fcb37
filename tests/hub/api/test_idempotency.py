"""`Idempotency-Key`: a request that is said again is answered again, and not done again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
import httpx
from asyncpg import Record

from hub.store import idempotency
from jobs.sweep import IDEMPOTENCY_KEPT
from tests.hub_process import Customer

SEND = "/api/v1/notifications"


async def _send(hub: Customer, key: str, title: str = "Hello", path: str = SEND) -> httpx.Response:
    one = {"user_id": "ada", "title": title}
    body = one if path == SEND else {"notifications": [one, {"user_id": "grace", "title": title}]}
    return await hub.http.post(path, json=body, headers={"Idempotency-Key": key})


async def _count(pool: "asyncpg.Pool[Record]") -> int:
    count: int = await pool.fetchval("select count(*) from entries")
    return count


async def test_the_same_request_again_gets_the_first_answer(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    first, again = await _send(hub, "order-1"), await _send(hub, "order-1")
    assert (first.status_code, again.status_code, again.content) == (202, 202, first.content)
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    other = await _send(hub, "order-2")
    assert other.json()["notification_id"] != first.json()["notification_id"]
    assert await _count(pool) == 2


async def test_another_request_under_the_same_key_is_refused(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await _send(hub, "order-1")
    answer = await _send(hub, "order-1", "Something else")
    assert (answer.status_code, answer.json()["detail"]) == (422, "this Idempotency-Key stands for another request")
    assert await _count(pool) == 1


async def test_parallel_requests_of_one_key_on_two_nodes_are_one_notification(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub() as one, start_hub() as other:
        other.http.headers["Authorization"] = one.http.headers["Authorization"]  # keys are the sender's own
        answers = await asyncio.gather(*(_send(hub, "order-1") for _ in range(16) for hub in (one, other)))
        assert {answer.status_code for answer in answers} <= {202, 409}
        assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 409)
        ids = {answer.json()["notification_id"] for answer in answers if answer.status_code == 202}
        assert (len(ids), await _count(pool)) == (1, 1)
        assert (await _send(other, "order-1")).json()["notification_id"] in ids


async def test_a_batch_is_done_once_too(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    first, again = [await _send(hub, "batch-1", path=f"{SEND}/batch") for _ in range(2)]
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotent-replay"] == "true"
    assert await _count(pool) == 2


async def test_a_refused_request_leaves_its_key_free(hub: Customer) -> None:
    assert (await _send(hub, "order-1", "")).status_code == 422
    assert (await _send(hub, "order-1")).status_code == 202
    assert (await _send(hub, "with space")).status_code == 422


async def test_keys_are_forgotten_after_a_day_and_not_before(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    for key in ("old", "young"):
        await _send(hub, key)
    await pool.execute("update idempotency set created_at = now() - interval '25 hours 1 second' where key = 'old'")
    assert await idempotency.forget(pool, kept=IDEMPOTENCY_KEPT, limit=10) == 1
    assert "idempotent-replay" not in (await _send(hub, "old")).headers
    assert "idempotent-replay" in (await _send(hub, "young")).headers
