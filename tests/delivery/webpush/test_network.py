"""What the network does to a push: lost connections, redirects, answers that are no HTTP."""

import socket
from contextlib import ExitStack

import pytest

from delivery.outcome import Accepted, Outcome, Rejected, Unavailable
from delivery.webpush.provider import WebPush
from delivery.webpush.vapid import VapidKeys
from tests.browser import Browser
from tests.delivery.sample import PLAIN, to, trusting
from tests.delivery.servers import speaking


async def test_a_refused_connection_was_surely_not_accepted(keys: VapidKeys, browser: Browser) -> None:
    with socket.socket() as bound:  # but not listening
        bound.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{bound.getsockname()[1]}"

        assert await send_to(origin, keys, browser) == Unavailable("no_connection", ambiguous=False)


async def test_a_connection_that_is_never_made_was_surely_not_accepted(keys: VapidKeys, browser: Browser) -> None:
    with socket.socket() as busy, ExitStack() as queue:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for _ in range(3):  # a full queue that nobody takes from: the next one gets no answer at all
            waiting = queue.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(busy.getsockname())
        origin = f"http://127.0.0.1:{busy.getsockname()[1]}"

        outcome = await send_to(origin, keys, browser, deadline_s=0.4)

    assert outcome == Unavailable("no_connection", ambiguous=False)


async def test_a_connection_lost_after_the_request_may_have_been_accepted(keys: VapidKeys, browser: Browser) -> None:
    async with speaking(b"") as origin:
        assert await send_to(origin, keys, browser) == Unavailable("connection_lost", ambiguous=True)


async def test_an_answer_that_is_not_http_may_have_accepted(keys: VapidKeys, browser: Browser) -> None:
    async with speaking(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") as origin:
        assert await send_to(origin, keys, browser) == Unavailable("connection_lost", ambiguous=True)


async def test_a_redirect_is_not_followed(keys: VapidKeys, browser: Browser) -> None:
    answer = f"HTTP/1.1 307 Elsewhere\r\nLocation: {browser.endpoint}\r\nContent-Length: 0\r\n\r\n"
    async with speaking(answer.encode()) as origin:
        assert await send_to(origin, keys, browser) == Rejected("http_307", "")

    assert await browser.heard() == []


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xff\xff",
        b"Content-Length: 100\r\n\r\ncut off",
        b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000,
    ],
)
async def test_a_status_counts_whatever_follows_it(keys: VapidKeys, browser: Browser, rest: bytes) -> None:
    async with speaking(b"HTTP/1.1 201 Created\r\nLocation: /m/1\r\n" + rest) as origin:
        assert await send_to(origin, keys, browser) == Accepted("/m/1")


async def test_windows_explains_itself_in_a_header(keys: VapidKeys, browser: Browser) -> None:
    answer = b"HTTP/1.1 400 Bad\r\nX-WNS-Error-Description: Ttl conflicts\r\nContent-Length: 0\r\n\r\n"
    async with speaking(answer) as origin:
        assert await send_to(origin, keys, browser) == Rejected("http_400", "Ttl conflicts")


async def send_to(origin: str, keys: VapidKeys, browser: Browser, *, deadline_s: float = 5) -> Outcome:
    """Push to that browser's subscription, moved to another push service."""
    moved = browser.subscription.replace(browser.endpoint, f"{origin}/push/1")
    provider = WebPush(trusting(origin, keys), deadline_s=deadline_s)
    try:
        return await provider.send(PLAIN, to(moved))
    finally:
        await provider.aclose()
