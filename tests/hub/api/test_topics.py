"""`/api/v1/topics`: live messages, from one node to the connections of all."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.device import Device, device
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def publish(hub: Customer, topic: str, data: object) -> dict[str, Any]:
    answer = await hub.http.post(f"/api/v1/topics/{topic}/live", json={"data": data})
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def token(hub: Customer, user_id: str, *topics: str) -> str:
    answer = await hub.http.post("/api/v1/tokens", json={"user_id": user_id, "topics": topics})
    minted: str = answer.json()["token"]
    return minted


async def join(page: Device, topic: str) -> None:
    await page.say("join", topic=topic)
    assert await page.heard() == {"t": "joined", "topic": topic}


async def test_everybody_who_joined_hears_it_on_every_node(start_hub: StartHub) -> None:
    async with start_hub() as here, start_hub() as there:
        allowed = await token(here, "ada", "news")
        async with (
            device(here.url, allowed) as one,
            device(there.url, allowed) as two,
            device(there.url, allowed) as not_joined,
        ):
            for page in (one, two, not_joined):
                await page.heard()
            await join(one, "news")
            await join(two, "news")
            assert await publish(here, "news", {"score": [1, 0]}) == {"topic": "news", "nodes": 2}
            for page in (one, two):
                assert await page.heard() == {"t": "live", "topic": "news", "data": {"score": [1, 0]}}
            await here.send("ada", "not live")
            assert (await not_joined.heard())["title"] == "not live"


async def test_a_topic_the_token_does_not_allow_is_refused_and_the_connection_stays(hub: Customer) -> None:
    async with device(hub.url, await token(hub, "ada", "news")) as page:
        await page.heard()
        await page.say("join", topic="secrets")
        refused = await page.heard()
        assert (refused["t"], refused["code"]) == ("error", "forbidden")
        await join(page, "news")


async def test_after_leaving_nothing_is_heard_and_nobody_listens(hub: Customer) -> None:
    async with device(hub.url, await token(hub, "ada", "news", "sports")) as page:
        await page.heard()
        await join(page, "news")
        await page.say("leave", topic="news")
        await join(page, "sports")  # answered after the leave was done
        assert (await publish(hub, "news", 1))["nodes"] == 0
        await publish(hub, "sports", 2)
        assert (await page.heard())["data"] == 2
    async with device(hub.url, await token(hub, "ada", "sports")) as page:
        await page.heard()
        await join(page, "sports")
        await publish(hub, "sports", "again")
        assert (await page.heard())["data"] == "again"


async def test_a_topic_that_is_left_at_once_has_no_listeners(hub: Customer, redis: Redis) -> None:
    async with device(hub.url, await token(hub, "ada", "news", "sports")) as page:
        await page.heard()
        await asyncio.gather(page.say("join", topic="news"), page.say("leave", topic="news"))
        await page.say("join", topic="sports")
        while await page.heard() != {"t": "joined", "topic": "sports"}:
            pass
        while dict(await redis.pubsub_numsub("hark:topic:news")) != {b"hark:topic:news": 0}:
            pass  # each look takes Redis a turn


async def test_topics_are_those_of_the_token_that_counts(hub: Customer) -> None:
    """A right that ended with a token does not live on in a connection that was given another one."""
    async with device(hub.url, await token(hub, "ada", "news", "secrets")) as page:
        await page.heard()
        await join(page, "secrets")
        await join(page, "news")
        await page.say("refresh", token=await token(hub, "ada", "news", "sports"))
        refused = await page.heard()
        assert (refused["code"], "'secrets'" in refused["message"]) == ("forbidden", True)
        await page.say("join", topic="secrets")
        assert (await page.heard())["code"] == "forbidden"
        await join(page, "sports")
        assert (await publish(hub, "secrets", 1))["nodes"] == 0
        for topic in ("news", "sports"):
            await publish(hub, topic, 2)
            assert await page.heard() == {"t": "live", "topic": topic, "data": 2}


async def test_messages_of_a_topic_come_in_the_order_they_were_published(hub: Customer) -> None:
    async with device(hub.url, await token(hub, "ada", "news")) as page:
        await page.heard()
        await join(page, "news")
        for number in range(100):
            await publish(hub, "news", number)
        assert [(await page.heard())["data"] for _ in range(100)] == list(range(100))


async def test_without_the_bus_a_live_message_is_refused_and_not_lost_in_silence(start_hub: StartHub) -> None:
    async with start_hub(redis_url="redis://127.0.0.1:1") as hub:
        answer = await hub.http.post("/api/v1/topics/news/live", json={"data": 1})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(
    ("topic", "body", "path"),
    [("news", {}, "$"), ("news", {"data": 1, "more": 2}, "$"), ("x" * 256, {"data": 1}, "topic")],
)
async def test_a_bad_message_is_refused(hub: Customer, topic: str, body: dict[str, Any], path: str) -> None:
    answer = await hub.http.post(f"/api/v1/topics/{topic}/live", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
