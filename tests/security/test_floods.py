"""Whoever opens sockets and says nothing takes them from nobody but themselves."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest
from websockets.asyncio.client import connect

from hub.live import frames
from tests.device import Device
from tests.hub_process import Customer
from tests.security.raw import Raw, handshake, raw

Start = Callable[..., AbstractAsyncContextManager[Customer]]
SOCKETS = int(os.environ.get("HARK_TEST_SOCKETS", "600"))  # a file descriptor for each of both ends
AT_ONCE = 100
UNPROVEN = 20
CLIENTS = 100


async def silent(hub: Customer, open_ones: AsyncExitStack, number: int) -> Raw:
    """By turns it sends nothing, the beginning of a head, and a handshake without a hello."""
    one = await open_ones.enter_async_context(raw(hub))
    one.say(("", "GET /ws HTTP/1.1\r\nHost: hark\r\n", handshake(X_Forwarded_For="203.0.113.9"))[number % 3])
    return one


async def connects(hub: Customer, token: str, address: str) -> float:
    """How long it took a client to be welcome, in seconds."""
    started = time.monotonic()
    url = f"{hub.url.replace('http', 'ws')}/ws"
    said_of_it = {"X-Forwarded-For": address}  # by a proxy on this machine, which is believed
    async with connect(url, subprotocols=[frames.SUBPROTOCOL], additional_headers=said_of_it, proxy=None) as socket:  # type: ignore[list-item]
        client = Device(socket)
        await client.say("hello", token=token)
        assert (await client.heard())["t"] == "welcome"
    return time.monotonic() - started


async def test_silent_sockets_of_one_address_keep_no_client_out(
    start_hub: Start, record_property: Callable[[str, object], None]
) -> None:
    async with start_hub(unproven_per_address=UNPROVEN, hello_deadline_s=60) as hub, AsyncExitStack() as open_ones:
        token = await hub.token("ada")
        flood: list[Raw] = []
        for start in range(0, SOCKETS, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, SOCKETS))
            flood += await asyncio.gather(*(silent(hub, open_ones, number) for number in numbers))
        took = [await connects(hub, token, f"198.51.100.{number}") for number in range(CLIENTS)]
        record_property("p99_ms", round(1000 * sorted(took)[int(0.99 * CLIENTS)]))
        answers = Counter([await one.status() for one in flood[2::3]])
        assert answers == {101: UNPROVEN, 503: len(flood[2::3]) - UNPROVEN}
        assert (await hub.http.get("/health")).status_code == 200


async def test_a_network_of_addresses_is_one_that_floods(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=UNPROVEN) as hub, AsyncExitStack() as open_ones:
        token = await hub.token("ada")
        answers: Counter[int] = Counter()
        for number in range(3 * UNPROVEN):
            one = await open_ones.enter_async_context(raw(hub))
            one.say(handshake(X_Forwarded_For=f"2001:db8:0:7:{number:x}::1"))
            answers[await one.status()] += 1
        assert answers == {101: UNPROVEN, 503: 2 * UNPROVEN}
        assert await connects(hub, token, "2001:db8:0:8::1")
        with pytest.raises(Exception, match="503"):
            await connects(hub, token, "2001:db8:0:7::1")
