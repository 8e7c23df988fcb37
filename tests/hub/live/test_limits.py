"""Limits: what one client, one address and one node may take, and the codes that say so."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.limits import BURST_S, Allowance
from hub.live.close_codes import CloseCode
from hub.live.drain import slots
from hub.settings import Settings
from sessions.user_tokens import UserTokens
from tests.conformance import wire
from tests.device import device
from tests.hub_process import Customer
from tests.security.raw import handshake, raw
from tests.security.revoking import revoke

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


def test_a_silent_client_may_say_a_burst_and_then_its_rate() -> None:
    allowance = Allowance(0.0, per_s=10)
    assert all(allowance.take(0.0, per_s=10) for _ in range(int(10 * BURST_S)))
    assert not allowance.take(0.0, per_s=10)
    assert allowance.take(0.1, per_s=10)
    assert not allowance.take(0.1, per_s=10)


def test_a_silent_day_is_worth_no_more_than_a_burst() -> None:
    allowance = Allowance(0.0, per_s=10)
    assert [allowance.take(86_400.0, per_s=10) for _ in range(int(10 * BURST_S) + 1)].count(True) == 10 * BURST_S


def test_slots_are_spread_evenly() -> None:
    assert slots(4, 10.0) == [0.0, 2.5, 5.0, 7.5]
    assert slots(0, 10.0) == []


async def test_a_client_that_says_too_much_is_told_to_come_back_later(start_hub: StartHub) -> None:
    async with start_hub(frames_per_s=1) as hub, hub.online("ada") as page:
        for _ in range(20):
            await page.say("pong")
        assert (await page.heard())["code"] == "too_many_frames"
        assert await page.closed() == CloseCode.TOO_MANY_FRAMES


@pytest.mark.parametrize("opcode", [wire.PING, wire.PONG])
@pytest.mark.parametrize("greeted", [False, True], ids=["before the hello", "behind it"])
async def test_pings_and_pongs_are_frames_too(start_hub: StartHub, opcode: int, *, greeted: bool) -> None:
    async with start_hub(frames_per_s=1) as hub, raw(hub) as client:
        client.say(handshake())
        await client.reader.readuntil(b"\r\n\r\n")
        if greeted:
            client.say(wire.text(b'{"t":"hello","token":"%b"}' % (await hub.token("ada")).encode()))
            await client.reader.readuntil(b'"t":"welcome"')
        client.say(wire.frame(opcode, b"x") * 20)
        heard = await client.reader.readuntil(CloseCode.TOO_MANY_FRAMES.to_bytes(2) + b"too_many_frames")
        assert heard.count(b"\x8a\x01x") == (0 if opcode == wire.PONG else BURST_S)  # pongs
        async with hub.online("ada"):  # and others are served
            pass


async def test_one_connection_too_many_of_a_user_replaces_the_oldest(start_hub: StartHub) -> None:
    async with start_hub(user_connections=2) as hub, AsyncExitStack() as pages:
        first, second, third = [await pages.enter_async_context(hub.online("ada")) for _ in range(3)]
        assert await first.closed() == CloseCode.REPLACED
        await hub.send("ada", "for the others")
        for page in (second, third):
            assert (await page.heard())["title"] == "for the others"


async def test_a_full_node_sends_newcomers_elsewhere_before_the_handshake(start_hub: StartHub) -> None:
    async with start_hub(node_connections=1) as hub, hub.online("ada") as page:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{hub.url.replace('http', 'ws')}/ws", subprotocols=["hark.v1"])  # type: ignore[list-item]
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"] == "5"
        await page.leave()
        while True:  # until the hub has noticed
            try:
                async with hub.online("grace"):
                    return
            except InvalidStatus:
                pass


async def test_sockets_without_a_hello_do_not_keep_others_out_for_ever(start_hub: StartHub) -> None:
    alone = start_hub(unproven_per_address=2, hello_deadline_s=0.8, trusted_proxies=())
    async with alone as hub, AsyncExitStack() as silent:
        waiting = [await silent.enter_async_context(device(hub.url)) for _ in range(2)]
        assert not await _may_open(hub)
        for one in waiting:
            assert await one.closed() == CloseCode.NO_HELLO
        assert not await _may_open(hub)  # who has failed to say hello waits as long again
        while not await _may_open(hub):
            pass
        async with AsyncExitStack() as open_ones:  # whoever proves who they are does not count
            for _ in range(5):
                await open_ones.enter_async_context(hub.online("ada"))


async def test_who_opens_sockets_and_leaves_takes_no_more_than_who_waits(start_hub: StartHub) -> None:
    async with start_hub(unproven_per_address=3, hello_deadline_s=30, trusted_proxies=()) as hub:
        for _ in range(3):
            async with device(hub.url) as page:
                await page.say("hello", token="none")
                assert await page.closed() == CloseCode.BAD_TOKEN
        assert not await _may_open(hub)
        async with hub.listening("ada"):  # whose request has proven who they are is let in by the other roads
            pass
        polled = await hub.http.get(
            "/api/v1/users/me/inbox", headers={"Authorization": f"Bearer {await hub.token('ada')}"}
        )
        assert polled.status_code == 200


async def test_whoever_comes_with_a_token_that_has_expired_keeps_nobody_out(
    start_hub: StartHub, settings: Settings
) -> None:
    hour_ago = datetime.now(UTC) - timedelta(seconds=settings.user_tokens.token_ttl_s + 1)
    expired = UserTokens(settings.user_tokens).mint("ada", (), now=hour_ago)
    async with start_hub(unproven_per_address=1, hello_deadline_s=30, trusted_proxies=()) as hub:
        for _ in range(3):
            async with device(hub.url, expired) as page:
                assert await page.closed() == CloseCode.EXPIRED
        async with hub.online("ada"):
            pass
        async with device(hub.url, f"{expired}x") as page:
            assert await page.closed() == CloseCode.BAD_TOKEN
        assert not await _may_open(hub)


async def test_whoever_comes_with_a_revoked_token_does(start_hub: StartHub) -> None:
    async with start_hub(unproven_per_address=1, hello_deadline_s=30, trusted_proxies=()) as hub:
        token = await hub.token("ada")
        async with device(hub.url, token) as page:
            assert (await page.heard())["t"] == "welcome"
            await revoke(hub, user_id="ada")
            assert await page.closed() == CloseCode.EXPIRED
        async with device(hub.url, token) as page:
            assert await page.closed() == CloseCode.EXPIRED
        assert not await _may_open(hub)


async def test_a_proxy_that_does_not_say_whom_it_serves_is_nobody(start_hub: StartHub) -> None:
    async with start_hub(unproven_per_address=1) as hub, device(hub.url), device(hub.url):
        assert await _may_open(hub)


async def test_a_node_opens_so_many_sockets_a_second(start_hub: StartHub) -> None:
    async with start_hub(handshakes_per_s=2) as hub:
        opened = 0
        while await _may_open(hub):
            opened += 1
        assert opened >= 2 * BURST_S
        while not await _may_open(hub):  # not for ever
            pass


async def _may_open(hub: Customer) -> bool:
    try:
        async with connect(f"{hub.url.replace('http', 'ws')}/ws", subprotocols=["hark.v1"]):  # type: ignore[list-item]
            return True
    except ConnectionError:  # nobody is there
        return False
    except InvalidStatus as refused:
        if refused.response.status_code != 503:
            raise
        return False


async def test_a_client_that_leaves_its_full_socket_unread_is_dropped(start_hub: StartHub) -> None:
    async with start_hub(stall_deadline_s=0.5) as hub, hub.online("ada") as stuck, hub.online("ada") as reading:
        stuck.stop_reading()
        heard = asyncio.ensure_future(reading.heard_entries(100))
        for _ in range(100):
            await hub.send("ada", message="x" * 7500, data={"more": ["y" * 10_000] * 5})
        await heard
        while True:  # the gauge tells that one is gone
            text = (await hub.http.get("/metrics")).text
            if "hark_connections 1.0" in text:
                break


async def test_a_request_that_never_finishes_its_headers_is_dropped(start_hub: StartHub) -> None:
    async with start_hub(header_deadline_s=0.2) as hub:
        host, _, port = hub.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        assert await reader.read() == b""
        writer.close()
        assert (await hub.http.get("/health")).status_code == 200


async def test_a_stopping_hub_opens_no_more_sockets(start_hub: StartHub) -> None:
    async with AsyncExitStack() as pages, AsyncExitStack() as running:
        hub = await running.enter_async_context(start_hub(drain_s=3))
        first, _ = [await pages.enter_async_context(hub.online(user)) for user in ("ada", "grace")]
        stopping = asyncio.ensure_future(running.aclose())
        assert (await first.heard())["t"] == "reconnect"
        assert not await _may_open(hub)
        await stopping


async def test_a_stopping_hub_sends_its_clients_away_one_by_one(start_hub: StartHub) -> None:
    async with AsyncExitStack() as pages:
        async with start_hub(drain_s=0.5) as hub:
            devices = [await pages.enter_async_context(hub.online(f"user-{number}")) for number in range(5)]
        told = [(await one.heard()) for one in devices]
        assert [frame["t"] for frame in told] == ["reconnect"] * 5
        assert sorted(frame["after_ms"] for frame in told) == [0, 100, 200, 300, 400]
        assert [await one.closed() for one in devices] == [CloseCode.DRAIN] * 5
