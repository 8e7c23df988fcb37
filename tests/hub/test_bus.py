"""The bus on a real Valkey."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.bus import CONFIRM_S, SUBSCRIBE_BATCH, Bus
from hub.dev.valkey import embedded_valkey_server
from hub.hint import topic_channel, user_channel
from hub.redis_link import PAUSE_S
from tests.encryption import NAMES


class Node:
    """What one node hears."""

    def __init__(self, url: str, name: str, silence_s: float) -> None:
        self.heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.resyncs: asyncio.Queue[None] = asyncio.Queue()
        self.bus = Bus(
            url,
            name,
            NAMES,
            on_messages=self._hear,
            on_resync=lambda: self.resyncs.put_nowait(None),
            silence_s=silence_s,
        )

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> list[int]:
        """How many nodes heard each. A publisher that once waited too long, on a slow machine, pauses for a while."""
        heard = await self.bus.publish(messages)
        if heard is None:
            await asyncio.sleep(PAUSE_S)
            heard = await self.bus.publish(messages)
        assert heard is not None
        return heard

    def _hear(self, messages: Sequence[tuple[str, bytes]]) -> None:
        for message in messages:
            self.heard.put_nowait(message)


@contextlib.asynccontextmanager
async def running(url: str, name: str = "one", *, silence_s: float = 5.0) -> AsyncIterator[Node]:
    node = Node(url, name, silence_s)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(node.bus.serve())
        await node.resyncs.get()
        yield node
        serving.cancel()
    await node.bus.aclose()


async def test_a_message_reaches_the_nodes_that_hold_the_user(redis_url: str) -> None:
    async with running(redis_url, "one") as one, running(redis_url, "two") as two:
        await one.bus.subscribe(["ada"])
        await two.bus.subscribe(["ada"])
        await two.bus.subscribe(["grace"])
        assert await one.publish([("ada", b"1"), ("grace", b"2"), ("linus", b"3")]) == [2, 1, 0]
        assert await one.heard.get() == ("ada", b"1")
        assert [await two.heard.get() for _ in range(2)] == [("ada", b"1"), ("grace", b"2")]


async def test_after_unsubscribe_nobody_holds_the_user(redis_url: str) -> None:
    async with running(redis_url) as node:
        await node.bus.subscribe(["ada"])
        node.bus.unsubscribe("ada")
        await node.bus.subscribe(["grace"])  # confirmed after the unsubscribe
        assert await node.publish([("ada", b"")]) == [0]


async def test_leaving_and_coming_back_at_once_is_heard_again(redis_url: str) -> None:
    async with running(redis_url) as node:
        for number in range(50):
            await node.bus.subscribe(["ada"])
            assert await node.publish([("ada", b"%d" % number)]) == [1]
            assert await node.heard.get() == ("ada", b"%d" % number)
            node.bus.unsubscribe("ada")


async def test_a_subscription_that_is_withdrawn_at_once_keeps_nobody_waiting(redis_url: str) -> None:
    async with running(redis_url) as node:
        subscribing = asyncio.create_task(node.bus.subscribe([user_channel("ada"), user_channel("grace")]))
        await asyncio.sleep(0)  # it has begun; nothing was sent yet
        node.bus.unsubscribe(user_channel("ada"))
        async with asyncio.timeout(CONFIRM_S / 2):
            await subscribing
        assert await node.publish([(user_channel("ada"), b""), (user_channel("grace"), b"")]) == [0, 1]


async def test_a_cut_link_is_made_again_with_every_channel(redis_url: str, redis: Redis) -> None:
    async with running(redis_url) as node:
        users = [f"user-{number}" for number in range(2500)]
        await node.bus.subscribe(users)
        await redis.client_kill_filter(_type="pubsub")
        await node.resyncs.get()  # told that messages may be lost …
        await node.resyncs.get()  # … and that every channel is back
        assert await node.publish([(user, b"") for user in users]) == [1] * len(users)


async def test_a_link_that_is_made_again_is_none_before_every_channel_is_back(redis_url: str, redis: Redis) -> None:
    async with running(redis_url) as node:
        users = [f"user-{number}" for number in range(20 * SUBSCRIBE_BATCH)]
        await node.bus.subscribe(users)
        await redis.client_kill_filter(_type="pubsub")
        await node.resyncs.get()
        await node.resyncs.get()
        with pytest.raises(StopIteration):  # at once: there is nothing to wait for
            node.bus.subscribe(users).send(None)


async def test_while_redis_is_away_nothing_waits_and_afterwards_all_is_back(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as life:
        async with embedded_valkey_server(tmp_path) as url:
            node = await life.enter_async_context(running(url))
            await node.bus.subscribe(["ada"])
        await node.resyncs.get()
        assert not node.bus.connected
        assert not await node.bus.ping()
        assert await node.bus.publish([("ada", b"")]) is None
        await node.bus.subscribe(["grace"])


async def test_silence_is_taken_for_a_dead_link(redis_url: str, redis: Redis) -> None:
    async with running(redis_url, silence_s=0.2) as node:
        await redis.client_pause(2000)  # longer than a publish waits for its answer
        await node.resyncs.get()
        assert not node.bus.connected
        await node.resyncs.get()
        assert node.bus.connected


def test_a_user_cannot_be_named_like_a_topic() -> None:
    assert user_channel("topic:news") != topic_channel("news")
    assert not user_channel("").startswith(topic_channel(""))
