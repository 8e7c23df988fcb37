"""The bus, in memory: hints may come late, twice, in any order or never, and a node's link may be cut."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from hub.bus import CONFIRM_S, Bus
from tests.model.loop import Loop


class Broker:
    """The server."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.is_down = False
        self.links: list[Link] = []

    def link(self) -> "Link":
        """A node's."""
        link = Link(self, self._loop)
        self.links.append(link)
        return link

    def holders(self, channel: str) -> "list[Link]":
        """Who hears it."""
        return [link for link in self.links if channel in link.subscribed]

    def publish(self, channel: str, payload: bytes) -> int:
        """How many nodes hear it."""
        hearing = self.holders(channel)
        for link in hearing:
            link.bring(channel, payload)
        return len(hearing)

    def die(self) -> None:
        """Every link is cut, nothing is published."""
        self.is_down = True
        for link in self.links:
            link.lose()

    def come_back(self) -> None:
        """And every node."""
        self.is_down = False
        for link in self.links:
            link.come_back()


class Link(Bus):
    """A `Bus` in all but its wires."""

    def __init__(self, broker: Broker, loop: Loop) -> None:  # not Bus's: that is its wires
        self.broker = broker
        self._loop = loop
        self._asked_for: set[str] = set()
        self._waiters: list[asyncio.Future[None]] = []  # type: ignore[assignment]
        self.subscribed: set[str] = set()
        self.connected = True
        self.is_slow = False  # subscriptions wait
        self.is_held = False  # hints wait
        self.waiting: list[tuple[str, bytes]] = []

    def heard_by(
        self, on_messages: Callable[[Sequence[tuple[str, bytes]]], None], on_resync: Callable[[], None]
    ) -> None:
        """Whom to tell."""
        self._on_messages = on_messages
        self._on_resync = on_resync

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> list[int] | None:
        """See Bus."""
        await asyncio.sleep(0)
        if not self.connected or self not in self.broker.links:
            return None
        return [self.broker.publish(channel, payload) for channel, payload in messages]

    async def subscribe(self, channels: Iterable[str]) -> None:
        """See Bus."""
        self._asked_for.update(channels)
        if not self.connected or self._asked_for <= self.subscribed:
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(waiter)
        if not self.is_slow:
            self._loop.call_soon(self.confirm)
        await asyncio.wait([waiter], timeout=CONFIRM_S)

    def confirm(self) -> None:
        """All that was asked for is subscribed."""
        if self.connected:
            self.subscribed |= self._asked_for
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    def unsubscribe(self, channel: str) -> None:
        """See Bus."""
        self._asked_for.discard(channel)
        self.subscribed.discard(channel)

    def bring(self, channel: str, payload: bytes) -> None:
        """A message for this node."""
        self.waiting.append((channel, payload))
        if not self.is_held:
            self._loop.call_soon(self.free)

    def free(self) -> None:
        """All that waits arrives, in order, as one read."""
        if self.waiting and not self.is_held:
            messages, self.waiting = self.waiting, []
            self._bring(messages)

    def arrive(self, place: int, *, keep: bool) -> None:
        """One of those that wait; kept, it will come again."""
        channel, payload = self.waiting[place] if keep else self.waiting.pop(place)
        self._bring([(channel, payload)])

    def _bring(self, messages: Sequence[tuple[str, bytes]]) -> None:
        if self in self.broker.links:
            self._on_messages(messages)

    def lose(self) -> None:
        """The link is cut, with all that was on it."""
        if self.connected:
            self.connected = False
            self.waiting.clear()
            self.subscribed.clear()
            self.confirm()
            self._on_resync()

    def come_back(self) -> None:
        """Everything is subscribed again."""
        if not self.connected:
            self.connected = True
            self.confirm()
            self._on_resync()

    def die(self) -> None:
        """Its process was killed."""
        self.broker.links.remove(self)

    async def serve(self) -> NoReturn:
        """See Bus."""
        await self._loop.create_future()
        raise AssertionError("nobody ends it")

    async def aclose(self) -> None:
        """See Bus."""
