"""`/api/v1/users/me`: a device that speaks plain HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.rounds import Rounds
from tests.browser import Browser
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def say(hub: Customer, user_id: str, **receipts: Any) -> dict[str, Any]:
    answer = await post(hub, user_id, receipts)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


async def post(hub: Customer, user_id: str, body: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {await hub.token(user_id)}"}
    return await hub.http.post("/api/v1/users/me/receipts", json=body, headers=headers)


async def test_an_ack_stops_the_push_and_no_ack_does_not(
    start_hub: StartHub, browser: Browser, pushing: Rounds
) -> None:
    async with start_hub(ack_deadline_s=0.2) as hub, hub.listening("ada") as page:
        await hub.register("ada", browser.subscription)
        acked, silent = [await hub.send("ada", title) for title in ("acked", "silent")]
        await page.heard_entries(2)
        assert await say(hub, "ada", ack={"seq": 1, "after": 0}) == {"unread": 2, "head": 2}
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(pushing.serve())
            await hub.reaches(silent, "pushed")
            working.cancel()
        [line] = await hub.status(acked)
        assert (line["state"], line["pushed_at"]) == ("delivered", None)
    assert len(await browser.heard()) == 1


async def test_an_ack_covers_what_it_names_and_counts_each_entry_once(hub: Customer) -> None:
    before = await _acked(hub)
    sent = [await hub.send("ada") for _ in range(4)]
    for _ in range(2):
        await say(hub, "ada", ack={"seq": 3, "after": 1})
    states = [(await hub.status(one))[0]["state"] for one in sent]
    assert states == ["accepted", "delivered", "delivered", "accepted"]
    await say(hub, "ada", ack={"seq": 2**53 - 1, "after": 3})  # further than the inbox goes
    later = await hub.send("ada")
    assert (await hub.status(later))[0]["state"] == "accepted"
    assert await _acked(hub) == before + 3


async def test_what_was_seen_and_read_is_told_and_heard_by_the_others(hub: Customer) -> None:
    async with hub.online("ada") as phone:
        for _ in range(3):
            await hub.send("ada")
        await phone.heard_entries(3)
        assert await say(hub, "ada", seen=[1], read=[2]) == {"unread": 2, "head": 3}
        assert await phone.heard() == {"t": "state", "state": "seen", "seqs": [1], "unread": 3, "head": 3}
        assert await phone.heard() == {"t": "state", "state": "read", "seqs": [2], "unread": 2, "head": 3}
        assert await say(hub, "ada", read_through=3) == {"unread": 0, "head": 3}
        assert (await phone.heard())["seqs"] == [1, 3]
        assert await say(hub, "ada", read_through=3) == {"unread": 0, "head": 3}


async def test_a_user_nobody_ever_wrote_to_may_say_so_too(hub: Customer) -> None:
    everything = {"ack": {"seq": 1, "after": 0}, "seen": [1], "read": [1]}
    assert await say(hub, "nobody", **everything) == {"unread": 0, "head": 0}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"ack": {"seq": 1}}, "$.ack"),
        ({"ack": {"seq": 0, "after": 0}}, "$.ack.seq"),
        ({"ack": {"seq": 1, "after": -1}}, "$.ack.after"),
        ({"seen": []}, "$.seen"),
        ({"read": [1, 0]}, "$.read[1]"),
        ({"read": [1], "read_through": 1}, "$"),
        ({"read_through": 2**53}, "$.read_through"),
        ({"red": [1]}, "$"),
        ({"archive": []}, "$.archive"),
        ({"unarchive": [0]}, "$.unarchive[0]"),
    ],
)
async def test_a_receipt_that_cannot_be_is_refused(hub: Customer, body: object, path: str) -> None:
    answer = await post(hub, "ada", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_a_key_is_no_user_token_and_a_user_token_no_key(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/users/me/receipts", json={"seen": [1]})
    assert (answer.status_code, answer.json()["detail"][:22]) == (401, "not a valid user token")
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    assert (await hub.http.get("/api/v1/users/ada/inbox", headers=headers)).status_code == 401


async def _acked(hub: Customer) -> float:
    text = (await hub.http.get("/metrics")).text
    families = text_string_to_metric_families(text)
    return next(family.samples[0].value for family in families if family.name == "hark_acked")
