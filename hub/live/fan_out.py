"""Fan-out: what the bus brings goes to this node's connections. Synchronous: nobody is waited for."""

import time

from hub import metrics
from hub.hint import TOPIC, USER, EntryHint, StateHint, unpack
from hub.live import frames
from hub.live.framing import encoded
from hub.live.registry import Registry
from hub.live.topics import Topics


class FanOut:
    """Writes what the bus brings."""

    def __init__(self, registry: Registry, topics: Topics) -> None:
        self._registry = registry
        self._topics = topics

    def deliver(self, channel: str, payload: bytes) -> None:
        """One message of the bus."""
        if channel.startswith(USER):
            self.to_user(channel[len(USER) :], payload)
        elif channel.startswith(TOPIC):
            self._topics.publish(channel[len(TOPIC) :], encoded(payload))

    def to_user(self, user_id: str, payload: bytes) -> None:
        """A hint for every connection of a user."""
        match unpack(payload):
            case EntryHint() as hint:
                self._entry(user_id, hint)
            case StateHint(message):
                state = encoded(message)
                for connection in self._registry.of(user_id):
                    connection.wire.write(state)
            case None:
                pass

    def _entry(self, user_id: str, hint: EntryHint) -> None:
        msg = encoded(frames.msg(hint.json))
        now = time.time()
        pushed = sum(connection.push(hint.seq, msg, now) for connection in self._registry.of(user_id))
        if pushed:
            metrics.written.inc(pushed)
            metrics.hop_written.observe(max(0.0, now - hint.published_at))  # another node's clock may be ahead
