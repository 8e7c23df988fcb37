"""What is small to send and large to read costs the sender, not the hub: each bomb is answered within its time, while
others are served, and leaves no memory behind."""

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from hub.api.body import BODY_BYTES, LIST_BYTES
from hub.api.send import BATCH_BYTES
from hub.http import HEADERS
from hub.live.framing import MESSAGE_BYTES
from tests.conformance import wire
from tests.device import device
from tests.hub_process import Customer
from tests.security.raw import handshake, raw, raw_socket

ANSWERED_S = 1.0  # of CPU time; usually some milliseconds
KEPT_BYTES = 16 * 2**20
INFLATED_MIB = 100


def within(size: int, text: str) -> str:
    """A notification with this in its data, cut off where it does not fit."""
    around = '{"user_id":"ada","title":"x","data":{"a":%s}}'
    return around % text[: size - len(around)]


def keys(size: int) -> str:
    names = ",".join(f'"{number:x}":0' for number in range(size // 9))
    return within(size, "{" + names[: size - 100].rpartition(",")[0] + "}")


BODIES: dict[str, Callable[[], str]] = {
    "depth of arrays": lambda: within(BODY_BYTES, "[" * 30_000 + "]" * 30_000),
    "depth of objects": lambda: within(BODY_BYTES, '{"a":' * 10_000 + "0" + "}" * 10_000),
    "depth that is never closed": lambda: within(BODY_BYTES, "[" * BODY_BYTES),
    "keys": lambda: keys(BODY_BYTES),
    "one key, often": lambda: within(BODY_BYTES, "{" + ",".join(['"a":0'] * 10_000) + "}"),
    "a string": lambda: within(BODY_BYTES, '"' + "\\ud83d\\ude00" * 5_000 + '"'),
    "a number": lambda: within(BODY_BYTES, "9" * 60_000),
    "an exponent": lambda: within(BODY_BYTES, "1e999999999"),
    "a user's number": lambda: '{"user_id":%s,"title":"x"}' % ("9" * 60_000),
    "escapes": lambda: within(BODY_BYTES, '"' + "\\\\" * 30_000 + '"'),
    "spaces": lambda: " " * (BODY_BYTES - 100) + '{"user_id":"ada","title":"x"}',
    "users": lambda: json.dumps({"user_ids": ["x" * 128] * 10_001, "title": "x"}),
    "users that are none": lambda: '{"title":"x","user_ids":[' + "[" * (LIST_BYTES - 100),
}
BATCHES: dict[str, Callable[[], str]] = {
    "depth": lambda: '{"notifications":[' + "[" * (BATCH_BYTES - 100),
    "keys": lambda: '{"notifications":[{' + ",".join(f'"{number}":0' for number in range(350_000)) + "}]}",
    "empty ones": lambda: '{"notifications":[' + ",".join(["{}"] * 1_000) + "]}",
    "too many": lambda: '{"notifications":[' + ",".join(["{}"] * 1_000_000) + "]}",
}


async def answered(hub: Customer, path: str, body: str | bytes, **headers: str) -> int:
    """Its status; nobody waited for it, and the next one is served."""
    others = asyncio.ensure_future(_served(hub))
    started = time.process_time()
    answer = await hub.http.post(path, content=body, headers={"Content-Type": "application/json", **headers})
    assert time.process_time() - started < ANSWERED_S
    assert await others < ANSWERED_S
    return answer.status_code


async def _served(hub: Customer) -> float:
    started = time.process_time()
    assert (await hub.http.get("/health")).status_code == 200
    return time.process_time() - started


@pytest.mark.parametrize("bomb", BODIES)
async def test_a_body_of_json_is_read_or_refused_at_once(hub: Customer, bomb: str) -> None:
    assert await answered(hub, "/api/v1/notifications", BODIES[bomb]()) in {202, 400, 413, 422}


@pytest.mark.parametrize(
    ("before", "size", "status"),
    [
        ("", BODY_BYTES, 202),
        ("", BODY_BYTES + 1, 413),
        ('"user_ids":["ada"],', LIST_BYTES, 202),
        ('"user_ids":["ada"],', LIST_BYTES + 1, 413),
    ],
)
async def test_only_a_list_of_users_may_be_long(hub: Customer, before: str, size: int, status: int) -> None:
    body = "{" + (before or '"user_id":"ada",') + '"title":"x"'
    assert await answered(hub, "/api/v1/notifications", body + " " * (size - len(body) - 1) + "}") == status


@pytest.mark.parametrize("bomb", BATCHES)
async def test_so_is_a_batch(hub: Customer, bomb: str) -> None:
    assert await answered(hub, "/api/v1/notifications/batch", BATCHES[bomb]()) in {207, 400, 413, 422}


async def test_what_is_compressed_is_not_unpacked(hub: Customer) -> None:
    bomb = _deflated(31)[:BODY_BYTES]
    before = _resident_now()
    assert await answered(hub, "/api/v1/notifications", bomb, **{"Content-Encoding": "gzip"}) == 400
    async with raw(hub) as client:
        client.say(handshake(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits"))
        answer = await client.reader.readuntil(b"\r\n\r\n")
        assert b"sec-websocket-extensions" not in answer.lower()
        client.say(wire.frame(wire.TEXT, _deflated(-15)[:MESSAGE_BYTES], reserved=0b100))
        assert b"\x88" in await client.reader.read()  # a close
    assert _resident("VmHWM") - before < KEPT_BYTES


async def test_a_body_that_never_ends_is_not_kept(hub: Customer) -> None:
    part = b" " * 65_536
    before = _resident_now()

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(2_000):  # 128 MB
            yield part

    answer = await hub.http.post(
        "/api/v1/notifications",
        content=parts(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert _resident("VmHWM") - before < KEPT_BYTES


CHUNKED = "POST /api/v1/notifications HTTP/1.1\r\nHost: hark\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADS: dict[str, tuple[str, str]] = {
    "requests ahead": ("", "GET / HTTP/1.1\r\n\r\n"),
    "headers": ("GET / HTTP/1.1\r\n", "a:b\r\n"),
    "a header": ("GET / HTTP/1.1\r\nX: ", "x" * 1024),
    "a path": ("GET /", "x" * 1024),
    "a chunk's size": (CHUNKED + "1;", "x" * 1024),
    "trailers": (CHUNKED + "0\r\n", "a:b\r\n"),
    "a trailer": (CHUNKED + "0\r\nX: ", "x" * 1024),
}


@pytest.mark.parametrize("bomb", HEADS)
async def test_what_comes_before_or_behind_a_body_is_not_kept(hub: Customer, bomb: str) -> None:
    beginning, more = HEADS[bomb]
    part = (more * (65_536 // len(more))).encode()
    loop = asyncio.get_running_loop()
    before = _resident_now()
    async with raw_socket(httpx.URL(hub.url).port) as client:
        await loop.sock_sendall(client, beginning.encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(500):  # 32 MB
                await loop.sock_sendall(client, part)
    assert _resident("VmHWM") - before < KEPT_BYTES


async def test_what_honest_clients_say_is_no_bomb(hub: Customer) -> None:
    body = '{"user_id":"ada","title":"%s"}' % ("x" * 500)
    key = f"Authorization: {hub.http.headers['Authorization']}\r\nContent-Type: application/json\r\n"
    several = "".join(f"X-{number}: {'x' * 600}\r\n" for number in range(90))
    chunks = "".join(f"1;extension={'x' * 100}\r\n{letter}\r\n" for letter in body) + "0\r\nX-Sum: 1\r\n\r\n"
    async with raw(hub) as client:
        for _ in range(3):
            client.say(CHUNKED.replace("Host: hark\r\n", f"Host: hark\r\n{key}{several}") + chunks)
        for _ in range(12):
            client.say("GET /health HTTP/1.1\r\nHost: hark\r\n\r\n")
        for wanted in [b"202"] * 3 + [b"200"] * 12:
            await client.reader.readuntil(b"HTTP/1.1 " + wanted)
        for _ in range(200):  # 100 KB, one after the other
            client.say(f"GET /health HTTP/1.1\r\nHost: hark\r\nX: {'x' * 500}\r\n\r\n")
            await client.reader.readuntil(b"HTTP/1.1 200")


async def test_who_says_too_much_at_once_hears_nothing_that_another_request_is_answered(hub: Customer) -> None:
    for too_much in (
        "GET /health HTTP/1.1\r\nHost: hark\r\n\r\n" * 30,
        "GET /health HTTP/1.1\r\nHost: hark\r\n" + "a: b\r\n" * HEADERS + "\r\n",
    ):
        async with raw(hub) as client:
            client.say(too_much)
            answers = b""
            with contextlib.suppress(ConnectionError):
                answers = await client.reader.read()
            assert answers.count(b"HTTP/1.1 200") < too_much.count("GET")


HELLOS = {
    "depth": "[" * 60_000,
    "keys": '{"t":"hello",' + ",".join(f'"{number:x}":0' for number in range(7_000)) + "}",
    "a token": '{"t":"hello","token":"%s"}' % ("x" * 60_000),
    "dots": '{"t":"hello","token":"%s"}' % ("." * 60_000),
    "topics": '{"t":"hello","token":"x","topics":[' + ",".join(['"x"'] * 15_000) + "]}",
    "a number": '{"t":"hello","seq":%s}' % ("9" * 60_000),
}


@pytest.mark.parametrize("bomb", HELLOS)
async def test_a_hello_is_read_or_refused_at_once(hub: Customer, bomb: str) -> None:
    async with device(hub.url) as client:
        started = time.process_time()
        await client.say_text(HELLOS[bomb])
        await client.closed()
        assert time.process_time() - started < ANSWERED_S


def _deflated(window_bits: int) -> bytes:
    """64 KiB of it are 64 MiB."""
    packing = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    return b"".join(packing.compress(b" " * 2**20) for _ in range(INFLATED_MIB)) + packing.flush()


def _resident_now() -> int:
    """From here on the peak is counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _resident("VmRSS")


def _resident(which: str) -> int:
    """Bytes of memory of this process, which the hub is in: VmRSS now, VmHWM at most."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which)]
    return int(line.split()[1]) * 1024
