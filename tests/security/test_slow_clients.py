"""Clients that take their time hold nothing for longer than a deadline, however they drip (slowloris)."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from hub import http
from hub.api.room import IPV6_PREFIX
from hub.limits import BURST_S, LiveSettings
from hub.live.link import CLOSE_TIMEOUT_S
from hub.serve import bind
from tests.hub_process import Customer
from tests.security.raw import handshake, head, raw, raw_socket

Start = Callable[..., AbstractAsyncContextManager[Customer]]
DEADLINE_S = 0.5
SLACK_S = 3.0  # of a busy machine


def _post(hub: Customer, length: int) -> str:
    authorization = hub.http.headers["Authorization"]
    headers = {"Host": "hark", "Authorization": authorization, "Content-Type": "application/json"}
    return head("POST /api/v1/notifications HTTP/1.1", headers | {"Content-Length": str(length)})


@pytest.mark.parametrize(
    ("part", "byte"),
    [
        ("nothing at all", b""),
        ("the headers", b"x"),
        ("the body", b" "),
        ("the body in chunks", b"1\r\nx\r\n"),
    ],
)
async def test_whatever_is_slow_ends_at_its_deadline(start_hub: Start, part: str, byte: bytes) -> None:
    async with start_hub(header_deadline_s=DEADLINE_S, body_deadline_s=DEADLINE_S) as hub:
        beginnings = {
            "the headers": "GET /health HTTP/1.1\r\nHost: hark\r\nX: ",
            "the body": _post(hub, 60_000),
            "the body in chunks": _post(hub, 0).replace("Content-Length: 0", "Transfer-Encoding: chunked"),
        }
        async with raw(hub) as slow:
            started = time.monotonic()
            slow.say(beginnings.get(part, ""))
            await slow.drip(byte, every_s=0.02)
            assert DEADLINE_S * 0.9 < time.monotonic() - started < DEADLINE_S + SLACK_S
        assert (await hub.http.get("/health")).status_code == 200


async def test_empty_lines_keep_no_connection_open(start_hub: Start) -> None:
    async with start_hub(header_deadline_s=DEADLINE_S) as hub:
        for empty in ("\r\n", ""):  # uvicorn takes care of silence, but not of silence after an empty line
            async with raw(hub) as slow:
                slow.say("GET /health HTTP/1.1\r\nHost: hark\r\n\r\n")
                assert await slow.status() == 200
                await slow.reader.readuntil(b"}")
                slow.say("\r\n")
                await slow.drip(empty.encode(), every_s=0.02)


async def test_a_request_may_follow_empty_lines_and_so_may_a_socket(start_hub: Start) -> None:
    async with start_hub(header_deadline_s=0.2, hello_deadline_s=60) as hub, raw(hub) as client:
        for _ in range(3):
            client.say("GET /health HTTP/1.1\r\nHost: hark\r\n\r\n")
            await client.reader.readuntil(b"}")
            client.say("\r\n")
        client.say(handshake())
        await client.reader.readuntil(b"101 ")
        await asyncio.sleep(0.5)  # beyond the deadline: it is none of the socket's
        client.say(b"\x89\x80mask")  # a ping
        assert (await client.reader.readuntil(b"\x8a\x00"))[-2:] == b"\x8a\x00"


ASKED = "GET /openapi.json HTTP/1.1\r\nHost: hark\r\nConnection: {}\r\n\r\n"  # more than kernels take at once


@pytest.mark.parametrize("asked", [ASKED.format("close"), 9 * ASKED.format("keep-alive")], ids=["one", "several"])
async def test_who_reads_its_answer_too_slowly_is_dropped(
    start_hub: Start, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(http, "READ_BYTES_PER_S", 10**7)
    async with start_hub(stall_deadline_s=DEADLINE_S) as hub:
        whole = (await hub.http.get("/openapi.json")).content
        read = await _read_by_and_by(hub, asked, 1024)
        assert 0 < len(read) < len(whole) * asked.count("GET")


async def test_who_reads_it_at_its_pace_gets_all_of_it(start_hub: Start) -> None:
    async with start_hub(stall_deadline_s=DEADLINE_S) as hub:
        whole = (await hub.http.get("/openapi.json")).content
        assert (await _read_by_and_by(hub, ASKED.format("close"), 4096)).endswith(whole)


async def test_so_is_who_reads_nothing_of_one_that_comes_in_parts() -> None:
    given_up = asyncio.Event()

    async def in_parts(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for more in range(99, -1, -1):
            await send({"type": "http.response.body", "body": b" " * 65_536, "more_body": bool(more)})
        given_up.set()

    with bind("127.0.0.1", 0) as listening:
        listening.listen()
        protocol = http.with_deadlines(header_s=60, body_s=60, stall_s=DEADLINE_S)
        server = uvicorn.Server(uvicorn.Config(in_parts, http=protocol, lifespan="off", log_config=None))
        serving = asyncio.ensure_future(server._serve(sockets=[listening]))
        async with raw_socket(listening.getsockname()[1]) as silent:
            await asyncio.get_running_loop().sock_sendall(silent, ASKED.format("close").encode())
            await given_up.wait()
        server.should_exit = True
        await serving


async def _read_by_and_by(hub: Customer, asked: str, size: int) -> bytes:
    """All that comes until the hub hangs up."""
    loop = asyncio.get_running_loop()
    read = b""
    async with raw_socket(httpx.URL(hub.url).port) as slow:
        await loop.sock_sendall(slow, asked.encode())
        while part := await loop.sock_recv(slow, size):
            read += part
            await asyncio.sleep(0.02)  # it is about this pause
    return read


async def test_a_body_that_drips_ends_before_its_deadline(start_hub: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LOOK_S", 0.2)
    async with start_hub(body_deadline_s=600) as hub:
        for beginning in (
            _post(hub, 60_000),
            _post(hub, 0).replace("Content-Length: 0", "Transfer-Encoding: chunked"),
            _post(hub, 60_000).replace("Bearer ", "Bearer x"),  # answered, and not over
        ):
            async with raw(hub) as slow:
                slow.say(beginning)
                await slow.drip(b"1\r\nx\r\n" if "chunked" in beginning else b" ", every_s=0.02)


async def test_a_body_that_pauses_is_waited_for(start_hub: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LOOK_S", 0.05)
    async with start_hub() as hub, raw(hub) as slow:
        body = '{"user_id":"ada","title":"x"' + " " * 60_000 + "}"
        slow.say(_post(hub, len(body)) + body[:-1])
        await asyncio.sleep(0.5)  # it is about this pause
        slow.say(body[-1])
        assert await slow.status() == 202


def test_the_deadlines_are_as_the_document_says() -> None:
    document = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    live = LiveSettings()
    for row in (
        f"| headers of a request within {live.header_deadline_s:g} s |",
        f"| headers of a request: {http.HEADERS}, and {http.HEAD_BYTES // 1024} KiB with its URL | | a 431 |",
        f"| a URL of {http.URL_BYTES // 1024} KiB | | a 414 |",
        f"| {http.AHEAD} requests ahead of their answers on one connection | | is dropped |",
        f"| the body behind them within {live.body_deadline_s:g} s |",
        f"| {http.BODY_BYTES_PER_S // 1024} KiB a second of a body, looked at every {http.BODY_LOOK_S:g} s |",
        f"does not read at once, {http.READ_BYTES_PER_S * live.stall_deadline_s / 1024:g} KiB every "
        f"{live.stall_deadline_s:g} s, or the rest | `HARK_STALL_DEADLINE_S` |",
        f"| hello within {live.hello_deadline_s:g} s |",
        f"| {live.unproven_per_address:,} sockets an address (IPv6: a /{IPV6_PREFIX}) without a valid hello, now or",
        f"| {live.handshakes_per_s:,.0f} new sockets a second and node, {BURST_S * live.handshakes_per_s:,.0f} at",
    ):
        assert row in document


async def test_a_hello_that_drips_ends_too(start_hub: Start) -> None:
    async with start_hub(hello_deadline_s=DEADLINE_S) as hub, raw(hub) as slow:
        started = time.monotonic()
        slow.say(handshake())
        assert await slow.status() == 101
        slow.say(b"\x81\xff\x00\x00\x00\x00\x00\x00\xff\x00mask")  # the head of a message that is as long as may be
        await slow.drip(b"x", every_s=0.02)
        assert time.monotonic() - started < DEADLINE_S + CLOSE_TIMEOUT_S + SLACK_S


async def test_who_has_said_all_may_wait_for_the_answer(start_hub: Start) -> None:
    async with start_hub(header_deadline_s=0.2, body_deadline_s=0.2) as hub, hub.online("ada") as device:
        body = '{"user_id":"grace","title":"x","ladder":[{"channels":["push"],"after_s":60}]}'
        async with raw(hub) as patient:
            waiting = _post(hub, len(body)).replace("/notifications ", "/notifications?wait=delivered&timeout_s=1 ")
            patient.say(waiting + body)
            assert await patient.status() in {200, 202}
        await hub.send("ada")
        assert (await device.heard())["t"] == "msg"


async def test_many_slow_clients_keep_nobody_out(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=50) as hub:
        slow = []
        for number in range(300):
            context = raw(hub)
            one = await context.__aenter__()
            slow.append(context)
            one.say(
                handshake(X_Forwarded_For="203.0.113.9") if number % 2 else "GET /health HTTP/1.1\r\nHost: hark\r\nX: "
            )
        took = []
        for _ in range(20):
            started = time.monotonic()
            assert (await hub.http.get("/health")).status_code == 200
            await hub.send("ada")
            took.append(time.monotonic() - started)
        async with raw(hub) as elsewhere:  # another address still gets a socket
            elsewhere.say(handshake(X_Forwarded_For="203.0.113.7"))
            assert await elsewhere.status() == 101
        async with raw(hub) as same:
            same.say(handshake(X_Forwarded_For="203.0.113.9"))
            assert await same.status() == 503
        for context in slow:
            await context.__aexit__(None, None, None)
    assert sorted(took)[-2] < 0.5
