"""Fan-out: what the bus brings goes to this node's connections. Synchronous: nobody is waited for."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping

from hub import metrics
from hub.hint import TOPIC, USER, EntryHint, StateHint, unpack
from hub.live import foreign, frames
from hub.live.connection import Connection, Wire
from hub.live.framing import Encoded, encoded, joined
from hub.live.registry import Registry
from hub.live.topics import Topics
from hub.live.writer import Writer


class FanOut:
    """Writes what the bus brings; `on_revoked` are called, by their channels. A connection gets all that one read of
    the bus has for it in one write."""

    def __init__(
        self, registry: Registry, topics: Topics, writer: Writer, *, on_revoked: Mapping[str, Callable[[], None]]
    ) -> None:
        self._registry = registry
        self._topics = topics
        self._writer = writer
        self._on_revoked = on_revoked

    def deliver(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """What one read of the bus brought: (channel, payload)s."""
        outgoing = _Outgoing()
        for channel, payload in messages:
            if channel.startswith(USER):
                self._to_user(channel[len(USER) :], payload, outgoing)
            elif channel.startswith(TOPIC):
                self._topics.publish(channel[len(TOPIC) :], encoded(payload))
            else:
                self._on_revoked[channel]()
        if outgoing.texts:
            self._writer.to_each(outgoing.by_wire())
            outgoing.count()

    def to_user(self, user_id: str, payload: bytes) -> None:
        """A hint for every connection of a user."""
        self.deliver([(USER + user_id, payload)])

    def _to_user(self, user_id: str, payload: bytes, outgoing: "_Outgoing") -> None:
        match unpack(payload):
            case EntryHint(seq, published_at, json):
                msg = encoded(frames.msg(json))
                for connection in self._of(user_id):
                    if connection.push(seq, outgoing.now):
                        outgoing.add(connection.wire, msg)
                        outgoing.published.append(published_at)
            case StateHint(message):
                state = encoded(message)
                for connection in self._of(user_id):
                    if not connection.keeps(state):
                        outgoing.add(connection.wire, state)
            case None:
                pass

    def _of(self, user_id: str) -> Collection[Connection]:
        """The last look before something is written: whose it is, and whose the connection is."""
        found = self._registry.of(user_id)
        for connection in found:
            if connection.user_id != user_id:
                return self._without_foreign(user_id, found)
        return found

    def _without_foreign(self, user_id: str, found: Collection[Connection]) -> Collection[Connection]:
        metrics.foreign.inc()
        for connection in found:
            if connection.user_id != user_id:
                foreign.end(connection)
        return [connection for connection in found if connection.user_id == user_id]


class _Outgoing:
    """What is to be written next."""

    __slots__ = ("now", "published", "texts")

    def __init__(self) -> None:
        self.now = time.time()
        self.texts: dict[Wire, list[Encoded]] = {}
        self.published: list[float] = []  # when each entry was

    def add(self, wire: Wire, text: Encoded) -> None:
        """In order."""
        self.texts.setdefault(wire, []).append(text)

    def by_wire(self) -> dict[Wire, Encoded]:
        """One message each."""
        return {wire: texts[0] if len(texts) == 1 else joined(texts) for wire, texts in self.texts.items()}

    def count(self) -> None:
        """It was written."""
        now = time.time()
        metrics.written.inc(len(self.published))
        for published_at in self.published:
            metrics.hop_written.observe(max(0.0, now - published_at))  # another node's clock may be ahead
