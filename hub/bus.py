"""The bus: Redis pub/sub, one channel a user and one a topic, subscribed while this node has a connection of theirs.

A hint and nothing more: whatever it loses is found again in Postgres. It tells when it may have lost something.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from hub.publisher import Publisher
from hub.redis_link import Replies
from hub.redis_names import RedisNames

log = structlog.get_logger()

SUBSCRIBE_BATCH = 1000  # channels in one command: after a reconnect Redis keeps serving others between them
SILENCE_S = 5.0  # a node that hears nothing for this long, not even itself, takes its link for dead
BEATS_IN_SILENCE = 2.5  # how often it publishes to itself within that time
CONFIRM_S = 2.0  # how long a hello waits for its subscription before it relies on Postgres alone
CONNECT_TIMEOUT_S = 1.0
RECONNECT_S = (0.1, 1.0)

T = TypeVar("T")


class Bus:
    """One node's link to the bus. `serve` owns the link; the rest may be called while it runs or is reconnecting.

    `on_messages([(channel, payload), …])` is called with what one read of the link brought, in order, and must not
    block. `on_resync()` is called whenever messages may have been lost: when some could not be published, when the link
    goes, and when every channel is subscribed again.
    """

    def __init__(
        self,
        url: str,
        node_id: str,
        names: RedisNames,
        *,
        on_messages: Callable[[Sequence[tuple[str, bytes]]], None],
        on_resync: Callable[[], None],
        silence_s: float = SILENCE_S,
    ) -> None:
        self._links = ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_keepalive=True)
        self._name = names.channel
        self._publisher = Publisher(url, names)
        self._own_name = f"node:{node_id}"
        self._own_channel = self._name(self._own_name)
        self._on_messages = on_messages
        self._on_resync = on_resync
        self._silence_s = silence_s
        self._wanted: dict[bytes, str] = {}  # by their names in Redis
        self._confirmed: set[bytes] = set()
        self._unanswered: Counter[bytes] = Counter()  # SUBSCRIBEs sent, by channel
        self._waiters: dict[bytes, list[asyncio.Future[None]]] = {}
        self._changed: dict[bytes, bool] = {}  # channel -> subscribe (else unsubscribe), not yet sent
        self._change = asyncio.Event()
        self._heard_at = 0.0
        self.connected = False

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> list[int] | None:
        """Publishes (channel, payload)s in one round trip; gives the number of nodes that hear each, or None: Redis is
        away. Known to be away, it is not asked: nobody waits for it to answer."""
        if not self.connected:
            return None
        heard = await self._publisher.publish(messages)
        if heard is None:
            self._on_resync()
        return heard

    async def ping(self) -> bool:
        """Whether Redis answers."""
        return await self._publisher.ping()

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Returns when Redis confirmed that these channels' messages come here, or when it is away: then whoever waits
        must look into Postgres, and is told by `on_resync` when the link is back."""
        waiting = [self._confirmation(name) for channel in channels if self._want(name := self._name(channel), channel)]
        if waiting:
            await asyncio.wait(waiting, timeout=CONFIRM_S)

    def _want(self, name: bytes, channel: str) -> bool:
        """Whether there is a confirmation to wait for."""
        if name in self._confirmed:
            return False
        if name not in self._wanted:
            self._wanted[name] = channel
            self._send_soon(name, subscribe=True)
        return self.connected

    def _confirmation(self, channel: bytes) -> asyncio.Future[None]:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(channel, []).append(waiter)
        return waiter

    def unsubscribe(self, channel: str) -> None:
        """Nobody here hears it any more."""
        name = self._name(channel)
        self._wanted.pop(name, None)
        self._confirmed.discard(name)
        self._release(name)  # its SUBSCRIBE may never be sent, and others wait in the same call
        self._send_soon(name, subscribe=False)

    async def serve(self) -> NoReturn:
        """Keeps the link up until cancelled."""
        while True:
            link = self._links.make_connection()  # type: ignore[no-untyped-call]
            try:
                await self._run(link)
            except (RedisError, OSError) as error:
                self._lost(str(error))
            finally:
                self._release_waiters()
                await link.disconnect()
            await asyncio.sleep(random.uniform(*RECONNECT_S))  # noqa: S311 - spreads nodes, guards nothing

    async def aclose(self) -> None:
        """Closes what `publish` uses."""
        await self._publisher.aclose()

    async def _run(self, link: AbstractConnection) -> None:
        await link.connect()  # type: ignore[no-untyped-call]
        self._changed = dict.fromkeys([self._own_channel, *self._wanted], True)
        self._change.set()
        self._heard_at = time.monotonic()
        await _first_to_fail(self._read(link), self._beat(), self._send_changes(link))

    async def _read(self, link: AbstractConnection) -> NoReturn:
        replies = Replies(link)
        while True:
            messages: list[tuple[str, bytes]] = []
            for reply in await replies.read():
                match reply:
                    case [b"message", name, payload]:
                        if channel := self._wanted.get(name):
                            messages.append((channel, payload))
                    case [b"subscribe", channel, _]:
                        self._confirm(channel)
                    case ResponseError():
                        raise reply
            self._heard_at = time.monotonic()
            if messages:
                self._on_messages(messages)

    def _confirm(self, channel: bytes) -> None:
        self._unanswered[channel] -= 1
        if self._unanswered[channel] > 0:  # an UNSUBSCRIBE lies between this answer and the last SUBSCRIBE
            return
        del self._unanswered[channel]
        if channel in self._wanted or channel == self._own_channel:
            self._confirmed.add(channel)
        self._release(channel)
        if not self.connected and self._wanted.keys() <= self._confirmed and self._own_channel in self._confirmed:
            self.connected = True
            log.info("bus.connected", channels=len(self._wanted))
            self._on_resync()

    async def _beat(self) -> NoReturn:
        while True:
            await self._publisher.publish([(self._own_name, b"")])
            await asyncio.sleep(self._silence_s / BEATS_IN_SILENCE)
            if time.monotonic() - self._heard_at > self._silence_s:
                raise TimeoutError(f"heard nothing for {self._silence_s} s")

    async def _send_changes(self, link: AbstractConnection) -> NoReturn:
        while True:
            await self._change.wait()
            self._change.clear()
            changed, self._changed = self._changed, {}
            for command, subscribe in (("UNSUBSCRIBE", False), ("SUBSCRIBE", True)):
                channels = [channel for channel, wanted in changed.items() if wanted is subscribe]
                for batch in _slices(channels, SUBSCRIBE_BATCH):
                    if subscribe:
                        self._unanswered.update(batch)
                    await link.send_command(command, *batch)

    def _send_soon(self, channel: bytes, *, subscribe: bool) -> None:
        self._changed[channel] = subscribe
        self._change.set()

    def _lost(self, reason: str) -> None:
        if self.connected:
            self.connected = False
            log.warning("bus.lost", error=reason)
            self._on_resync()

    def _release_waiters(self) -> None:
        self._confirmed.clear()
        self._unanswered.clear()
        for channel in list(self._waiters):
            self._release(channel)

    def _release(self, channel: bytes) -> None:
        for waiter in self._waiters.pop(channel, ()):
            if not waiter.done():
                waiter.set_result(None)


async def _first_to_fail(*parts: Coroutine[Any, Any, NoReturn]) -> None:
    """Runs all until one raises, and raises that. No TaskGroup: in Python 3.11 one whose child fails while it is
    cancelled forgets the cancellation, and this runs in a loop that goes on after failures."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
