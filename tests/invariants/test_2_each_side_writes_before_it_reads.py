"""Invariant 2: the sender commits, then looks for connections. A connection subscribes, then reads the inbox. Whatever
the interleaving, one of them sees the other. The position check, which would heal a miss, is off here."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.hub_process import Customer

ROUNDS = 60
OFF = 60.0


async def test_what_is_sent_while_a_device_connects_reaches_it(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
) -> None:
    async with start_hub(position_check_s=OFF) as sender, start_hub(position_check_s=OFF) as node:
        delays = random.Random(20)
        for round_number in range(ROUNDS):
            user = f"user-{round_number}"

            async def send(user: str = user, delay: float = delays.uniform(0, 0.02)) -> None:
                await asyncio.sleep(delay)  # somewhere within the other side's hello
                await sender.send(user)

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(send())
                async with node.online(user, cursor="0") as device, asyncio.timeout(4):
                    [entry] = await device.heard_entries(1)
                    assert entry["seq"] == 1
