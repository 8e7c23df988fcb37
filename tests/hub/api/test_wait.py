"""`?wait=delivered`: the answer comes when everybody has it, or nobody will bring it."""

import asyncio
from typing import Any

import httpx

from tests.browser import Browser
from tests.due_engine import Engine
from tests.hub_process import Customer


async def _send(hub: Customer, users: list[str], timeout_s: int = 10, **fields: Any) -> httpx.Response:
    return await hub.http.post(
        "/api/v1/notifications",
        params={"wait": "delivered", "timeout_s": timeout_s},
        json={"user_ids": users, "title": "Hello", **fields},
    )


async def test_the_answer_comes_with_the_last_acknowledgement(hub: Customer) -> None:
    async with hub.online("ada") as laptop, hub.online("grace") as phone:
        sending = asyncio.create_task(_send(hub, ["ada", "grace"]))
        await laptop.heard()
        await phone.heard()
        await laptop.say("ack", seq=1)
        await laptop.heard()
        assert not sending.done()
        await phone.say("ack", seq=1)
        answer = await sending
    assert answer.status_code == 200
    assert [(line["user_id"], line["state"]) for line in answer.json()["users"]] == [
        ("ada", "delivered"),
        ("grace", "delivered"),
    ]


async def test_a_push_and_a_failure_settle_it_too(hub: Customer, browser: Browser, engine: Engine) -> None:
    await hub.register("ada", browser.subscription)
    sending = asyncio.create_task(_send(hub, ["ada", "nowhere"]))
    while not sending.done():
        await engine.run()
        await asyncio.sleep(0.01)
    lines = {line["user_id"]: line for line in sending.result().json()["users"]}
    assert (sending.result().status_code, lines["ada"]["state"], lines["nowhere"]["failure"]) == (
        200,
        "pushed",
        "no_target",
    )


async def test_at_the_deadline_the_state_so_far_is_told(hub: Customer) -> None:
    async with hub.online("ada") as page:
        sending = asyncio.create_task(_send(hub, ["ada", "grace"], timeout_s=1))
        await page.heard()
        await page.say("ack", seq=1)
        answer = await sending
    assert answer.status_code == 202
    assert [line["state"] for line in answer.json()["users"]] == ["delivered", "accepted"]


async def test_large_audiences_and_bad_waits_are_refused_before_anything_is_stored(hub: Customer) -> None:
    answer = await _send(hub, [f"user-{number}" for number in range(101)])
    assert (answer.status_code, answer.json()["detail"]) == (422, "wait: expected an audience of at most 100 users")
    for query in ("wait=read", "wait=delivered&timeout_s=0", "wait=delivered&timeout_s=61"):
        refused = await hub.http.post("/api/v1/notifications", params=query, json={"user_id": "ada", "title": "x"})
        assert refused.status_code == 422
    assert (await hub.http.get("/api/v1/users/ada/inbox")).json()["head"] == 0


async def test_a_replay_waits_for_the_same_notification(hub: Customer) -> None:
    body = {"user_id": "ada", "title": "Hello"}
    headers = {"Idempotency-Key": "k"}
    first = await hub.http.post("/api/v1/notifications", json=body, headers=headers)
    async with hub.online("ada", cursor="0") as page:
        await page.heard()
        await page.say("ack", seq=1)
        again = await hub.http.post("/api/v1/notifications?wait=delivered", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    assert again.json()["notification_id"] == first.json()["notification_id"]
