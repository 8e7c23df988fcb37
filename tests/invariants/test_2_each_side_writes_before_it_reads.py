"""Invariant 2: the sender commits, then looks for connections. A connection subscribes, then reads the inbox. Whatever
the interleaving, one of them sees the other. The position check, which would heal a miss, is off here, and the node's
links are slow, so that its hello is wide open to what is sent meanwhile."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hub.settings import Settings
from tests.device import device
from tests.hub_process import Customer
from tests.slow_link import slow_link

ROUNDS = 60
DELAY_S = 0.02
OFF = 60.0


@pytest.mark.parametrize("slow", ["redis", "postgres"])
async def test_what_is_sent_while_a_device_connects_reaches_it(
    settings: Settings, start_hub: Callable[..., AbstractAsyncContextManager[Customer]], slow: str
) -> None:
    url = settings.hub.redis_url if slow == "redis" else settings.hub.database_url
    field = "redis_url" if slow == "redis" else "database_url"
    async with (
        slow_link(url, delay_s=DELAY_S) as slow_url,
        start_hub(position_check_s=OFF) as sender,
        start_hub(position_check_s=OFF, **{field: slow_url}) as node,
        node.online("the first", cursor="0"),  # the node's slow links are up
        asyncio.TaskGroup() as rounds,
    ):
        dice = random.Random(20)
        for number in range(ROUNDS):
            rounds.create_task(_round(sender, node, f"user-{number}", dice.uniform(0, 5 * DELAY_S)))
            await asyncio.sleep(DELAY_S / 2)  # each hello by itself, not all in one batch


async def _round(sender: Customer, node: Customer, user: str, delay_s: float) -> None:
    async with device(node.url, await sender.token(user), cursor="0") as page, asyncio.TaskGroup() as tasks:
        tasks.create_task(_send_after(delay_s, sender, user))
        async with asyncio.timeout(10):
            [entry] = await page.heard_entries(1)
        assert entry["seq"] == 1


async def _send_after(delay_s: float, sender: Customer, user: str) -> None:
    await asyncio.sleep(delay_s)  # somewhere within the other side's hello
    await sender.send(user)
