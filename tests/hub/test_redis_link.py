"""The raw link to Redis, on a real Valkey."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from socket import AF_INET
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from hub import settings
from hub.redis_link import GRACE_S, PAUSE_S, RedisLink, command
from tests.simulator import Simulator

TIMEOUT_S = 0.2


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[RedisLink]:
    found = RedisLink(redis_url, timeout_s=TIMEOUT_S)
    assert await found.ask([command("PING")]) is not None
    yield found
    await found.aclose()


async def test_all_answers_come_in_order(link: RedisLink) -> None:
    assert await link.ask([command("ECHO", number) for number in range(1000)]) == [b"%d" % n for n in range(1000)]


async def test_a_redis_that_hangs_is_away_and_is_left_alone_for_a_while(link: RedisLink, redis: Redis) -> None:
    await redis.client_pause(int((TIMEOUT_S + GRACE_S) * 1000) + 300)
    assert await link.ask([command("PING")]) is None
    assert await link.ask([command("PING")]) is None  # at once: nobody queues behind it
    await asyncio.sleep(PAUSE_S)
    assert await link.ask([command("PING")]) == [b"PONG"]


async def test_a_process_that_was_held_up_itself_takes_no_redis_for_dead(link: RedisLink) -> None:
    asking = asyncio.create_task(link.ask([command("PING")]))
    await asyncio.sleep(0)  # it has asked
    time.sleep(2 * TIMEOUT_S)  # noqa: ASYNC251 - what a busy machine does to a process
    assert await asking == [b"PONG"]


async def test_a_certificate_is_good_for_the_name_in_it_only(redis_url: str, simulator: Simulator) -> None:
    there = urlsplit(redis_url)

    async def passed_on(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(there.hostname, there.port)
        await asyncio.gather(_copied(client, to_server), _copied(server, to_client))

    async def answers(url: str) -> bool:
        link = RedisLink(url, timeout_s=5)
        answer = await link.ask([command("PING")])
        await link.aclose()
        return answer == [b"PONG"]

    tls = simulator.papers.smtp_tls()  # for 127.0.0.1
    async with await asyncio.start_server(passed_on, "0.0.0.0", ssl=tls, family=AF_INET) as server:  # noqa: S104
        port = server.sockets[0].getsockname()[1]
        right, wrong = (
            f"rediss://:{there.password}@{host}:{port}?ssl_ca_certs={simulator.papers.apns_ca}"
            for host in ("127.0.0.1", "127.0.0.2")
        )
        assert await answers(read_url(right))
        assert not await answers(read_url(wrong))
        assert await answers(read_url(f"{wrong}&ssl_check_hostname=false"))


def read_url(url: str) -> str:
    """As a hub has it."""
    needed = {"HARK_DATABASE_URL": "postgres:///hark", "HARK_TOKEN_SECRET": "x" * 32}
    return settings.load(needed | {"HARK_REDIS_URL": url}).hub.redis_url


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while some := await source.read(65536):
            target.write(some)
    target.close()
