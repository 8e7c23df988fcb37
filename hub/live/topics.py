"""Ephemeral topics: live messages to every connection that joined, not stored and not acknowledged.

One pass over a topic's connections runs in slices, so that a topic of many does not hold the loop. What is published
meanwhile collects, and the next pass writes all of it to each connection at once: the busier the topic, the cheaper
a delivery. No timer: an idle topic's message is written at once.
"""

import asyncio
from collections.abc import Sequence

from hub import metrics
from hub.live.connection import Connection
from hub.live.framing import Encoded, joined
from hub.live.writer import MOST, Writer


class Topics:
    """Who joined what on this node. To be made inside the loop it will run in."""

    def __init__(self, writer: Writer) -> None:
        self._loop = asyncio.get_running_loop()
        self._writer = writer
        self._members: dict[str, dict[Connection, None]] = {}
        self._waiting: dict[str, list[Encoded]] = {}  # of topics with a pass under way

    def join(self, topic: str, connection: Connection) -> bool:
        """True when it is the first one here."""
        first = topic not in self._members
        self._members.setdefault(topic, {})[connection] = None
        return first

    def leave(self, topic: str, connection: Connection) -> bool:
        """True when it was the last one here; leaving twice is harmless."""
        members = self._members.get(topic)
        if members is None or connection not in members:
            return False
        del members[connection]
        if not members:
            del self._members[topic]
        return not members

    def is_heard(self, topic: str) -> bool:
        """Whether somebody here joined it."""
        return topic in self._members

    def publish(self, topic: str, live: Encoded) -> None:
        """Writes a message to every connection that joined; in order, each once."""
        if topic not in self._members:
            return
        if topic in self._waiting:
            self._waiting[topic].append(live)
            return
        self._waiting[topic] = []
        self._slice(topic, list(self._members[topic]), 0, live)

    def _slice(self, topic: str, members: Sequence[Connection], start: int, live: Encoded) -> None:
        end = start + MOST
        # Who does not read misses it: it is not stored.
        writable = [connection.wire for connection in members[start:end] if not connection.is_full]
        self._writer.to_all(writable, live)
        metrics.live_written.inc(len(writable))
        if end < len(members):
            self._loop.call_soon(self._slice, topic, members, end, live)
        else:
            self._finished(topic)

    def _finished(self, topic: str) -> None:
        waiting = self._waiting.pop(topic)
        if waiting and topic in self._members:
            self._waiting[topic] = []
            self._loop.call_soon(self._slice, topic, list(self._members[topic]), 0, joined(waiting))
