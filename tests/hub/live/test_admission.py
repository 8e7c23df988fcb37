"""Admission: what becomes of a hello whose client does not stay."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from redis.asyncio import Redis

from hub.hint import user_channel
from hub.settings import Settings
from tests.device import device
from tests.encryption import NAMES
from tests.hub_process import Customer
from tests.slow_link import slow_link

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def test_who_leaves_while_the_hello_waits_is_not_listened_for(
    settings: Settings, start_hub: StartHub, hub: Customer, redis: Redis
) -> None:
    async with (
        slow_link(settings.hub.database_url, delay_s=0.1) as slow_url,
        start_hub(database_url=slow_url) as node,
        device(node.url, await hub.token("first")) as first,  # while its inbox is read, the others wait
        device(node.url, await hub.token("leaving")) as leaving,
        device(node.url, await hub.token("last")) as last,
    ):
        leaving.vanish()
        for page in (first, last):
            assert (await page.heard())["t"] == "welcome"
        assert await _listening(redis, "last") == 1
        while await _listening(redis, "leaving") != 0:
            pass  # each look takes Redis a turn


async def test_what_happens_while_the_hello_waits_is_told_after_the_welcome(
    settings: Settings, start_hub: StartHub, hub: Customer, redis: Redis
) -> None:
    await hub.send("ada")
    token = await hub.token("ada")
    async with (
        slow_link(settings.hub.database_url, delay_s=0.1) as slow_url,
        start_hub(database_url=slow_url) as node,
        device(node.url, token) as page,
    ):
        while await _listening(redis, "ada") != 1:
            pass  # each look takes Redis a turn
        read = await hub.http.post(
            "/api/v1/users/me/receipts", json={"read": [1]}, headers={"Authorization": f"Bearer {token}"}
        )
        assert read.status_code < 300, read.text
        assert [(await page.heard())["t"] for _ in range(2)] == ["welcome", "state"]


async def test_who_goes_on_talking_before_the_welcome_is_answered_after_it(hub: Customer) -> None:
    async with device(hub.url, await hub.token("ada")) as page:
        await page.say("join", topic="not hers")
        assert [(await page.heard())["t"] for _ in range(2)] == ["welcome", "error"]


async def _listening(redis: Redis, user: str) -> int:
    """How many nodes listen for them."""
    [(_, nodes)] = await redis.pubsub_numsub(NAMES.channel(user_channel(user)))
    return int(nodes)
