"""Fan-out: a hint from the bus goes to every connection of its user on this node. Synchronous: nobody is waited for."""

import time

from hub import metrics
from hub.hint import EntryHint, StateHint, unpack
from hub.live import frames
from hub.live.framing import encoded
from hub.live.registry import Registry


class FanOut:
    """Writes what the bus brings."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def deliver(self, user_id: str, payload: bytes) -> None:
        """One message of the bus."""
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
