"""Invariant 5: a socket takes megabytes for a client that reads nothing, so only a client's ack is delivery."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from jobs.rounds import Rounds
from tests.browser import Browser
from tests.hub_process import Customer


async def test_an_open_socket_that_does_not_ack_does_not_hold_the_push_back(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], browser: Browser, pushing: Rounds
) -> None:
    async with start_hub(ack_deadline_s=0.2) as hub, asyncio.TaskGroup() as tasks:
        working = tasks.create_task(pushing.serve())
        await hub.register("ada", browser.subscription)
        async with hub.online("ada"):
            sent = await hub.send("ada")
            line = await hub.reaches(sent, "pushed")
        assert line["delivered_at"] is None
        working.cancel()


async def test_an_ack_after_the_push_makes_it_delivered_all_the_same(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], browser: Browser, pushing: Rounds
) -> None:
    async with start_hub(ack_deadline_s=0.1) as hub, asyncio.TaskGroup() as tasks:
        working = tasks.create_task(pushing.serve())
        await hub.register("ada", browser.subscription)
        async with hub.online("ada") as page:
            sent = await hub.send("ada")
            await hub.reaches(sent, "pushed")
            await page.heard()
            await page.say("ack", seq=1)
            line = await hub.reaches(sent, "delivered")
        assert line["pushed_at"] is not None
        working.cancel()


async def test_an_ack_of_one_device_acks_nothing_it_was_not_sent(hub: Customer) -> None:
    earlier = await hub.send("ada", "before the device came")
    async with hub.online("ada") as page:  # without a cursor: from the head on
        later = await hub.send("ada", "after")
        assert (await page.heard())["seq"] == 2
        await page.say("ack", seq=2)
        await hub.reaches(later, "delivered")
        assert (await hub.status(earlier))[0]["delivered_at"] is None
