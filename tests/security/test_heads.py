"""Heads without end, and requests sent ahead: whoever reaches the port may begin them, and fills no memory so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hub.http import AHEAD, HEAD_BYTES, HEADERS, URL_BYTES
from tests.hub_process import Customer
from tests.security.raw import Raw, handshake, head, raw

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
PARTS = 500
PART_BYTES = 16 * 1024
TAKEN_BYTES = 4 * 2**20  # the limit, and what the kernel and a transport hold on both sides
GET = b"GET /health HTTP/1.1\r\nHost: hark\r\n"
CHUNKED = head("POST /api/v1/notifications HTTP/1.1", {"Host": "hark", "Transfer-Encoding": "chunked"}).encode()
TOO_LARGE = b"HTTP/1.1 431 "

ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a header": (GET + b"X: ", b"a"),
    "the name of one": (GET, b"a"),
    "many headers": (GET, b"X: a\r\n"),
    "a URL": (b"GET /health?", b"a"),
    "nothing but line breaks": (b"", b"\r\n"),
    "a header of a handshake": (handshake().removesuffix("\r\n").encode() + b"X: ", b"a"),
}
BEHIND_A_BODY: dict[str, tuple[bytes, bytes]] = {
    "trailers": (CHUNKED + b"0\r\n", b"X: a\r\n"),
    "a trailer": (CHUNKED + b"0\r\nX: ", b"a"),
    "the extension of a chunk": (CHUNKED + b"1;a=", b"a"),
}


@contextlib.asynccontextmanager
async def said(hub: Customer, beginning: bytes, again: bytes) -> AsyncIterator[tuple[Raw, int]]:
    """A client that says so much, and how many bytes of it were taken until the hub hung up."""
    part = again * (PART_BYTES // len(again))
    async with raw(hub) as client:
        client.say(beginning)
        taken = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(PARTS):
                client.say(part)
                await client.writer.drain()
                taken += len(part)
        yield client, taken


@pytest.mark.parametrize("endless", ENDLESS)
async def test_a_head_without_end_is_answered_and_no_more_of_it_is_read(hub: Customer, endless: str) -> None:
    async with said(hub, *ENDLESS[endless]) as (client, _):
        assert (await client.reader.read()).startswith(TOO_LARGE)
    assert (await hub.http.get("/health")).status_code == 200


async def test_who_does_not_hang_up_then_is_dropped_at_the_deadline_of_a_head(start_hub: StartHub) -> None:
    async with start_hub(header_deadline_s=0.5) as hub:
        for asked_before in (False, True):
            async with raw(hub) as client:
                if asked_before:
                    client.say(GET + b"\r\n")
                    await client.reader.readuntil(b"}")
                client.say(b"\r\n" * HEAD_BYTES)
                await client.reader.readuntil(TOO_LARGE)
                with contextlib.suppress(ConnectionError):  # that it is raised is what ends this
                    while True:
                        client.say(b"\r\n")
                        await client.writer.drain()
                        await asyncio.sleep(0.02)


@pytest.mark.parametrize("endless", BEHIND_A_BODY)
async def test_what_is_no_body_is_not_read_for_ever_either(hub: Customer, endless: str) -> None:
    async with said(hub, *BEHIND_A_BODY[endless]) as (client, taken):
        assert await client.is_dropped()
        assert taken < TAKEN_BYTES < PARTS * PART_BYTES


async def test_too_many_headers_are_refused_also_when_they_come_at_once(
    hub: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw(hub) as client:
        client.say(GET + b"X: a\r\n" * (HEADERS - 1) + b"\r\n")
        assert await client.status() == 200
    async with raw(hub) as client:
        client.say(GET + b"X: a\r\n" * HEADERS + b"\r\n")
        answer = await client.reader.read()
        assert (answer.startswith(TOO_LARGE), answer.count(b"HTTP/1.1 ")) == (True, 1)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_is_counted_is_one_head_and_not_all_that_a_connection_says(hub: Customer) -> None:
    async with raw(hub) as client:
        for _ in range(10):
            client.say(GET + b"X: " + b"a" * (HEAD_BYTES // 4) + b"\r\n\r\n")
            assert (await client.reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")


async def test_a_head_just_below_the_limit_is_read(hub: Customer) -> None:
    async with raw(hub) as client:
        client.say(GET + b"X: " + b"a" * (HEAD_BYTES - 1000))
        client.say("\r\n\r\n")
        assert await client.status() == 200


async def test_a_url_is_no_body(hub: Customer) -> None:
    for length, status in ((URL_BYTES, 200), (URL_BYTES + 1, 414)):
        async with raw(hub) as client:
            client.say(head(f"GET {'/health?'.ljust(length, '&')} HTTP/1.1", {"Host": "hark"}))
            assert await client.status() == status


async def test_what_stands_behind_a_body_is_no_header(hub: Customer) -> None:
    async with raw(hub) as client:
        client.say(CHUNKED + b"0\r\nAuthorization: %b\r\n\r\n" % hub.http.headers["authorization"].encode())
        assert await client.status() == 401


async def test_a_client_that_reads_no_answer_is_not_read_either(hub: Customer) -> None:
    ahead = GET + b"\r\n"
    async with said(hub, b"", ahead) as (client, taken):
        assert await client.is_dropped()
        assert taken < TAKEN_BYTES < PARTS * PART_BYTES


async def test_who_sends_ahead_within_reason_is_answered_all_of_it(hub: Customer) -> None:
    async with raw(hub) as client:
        client.say((GET + b"\r\n") * AHEAD)
        for _ in range(AHEAD):
            answer = await client.reader.readuntil(b"}")
            assert answer.startswith(b"HTTP/1.1 200 ")
