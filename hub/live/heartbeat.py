"""Pings and deadlines of all connections by one timer: each second, the connections whose turn it is.

Pings are frames of the protocol, not WebSocket pings: a browser's script sees them and so notices a dead hub.
"""

import asyncio
import itertools
import math
import time
from typing import NoReturn

from hub import metrics
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection

_PING = frames.text_frame(frames.PING)
TOKEN_GRACE_S = 30.0  # clocks differ; the same leeway as when the token was verified


class Heartbeat:
    """A wheel with one slot a second; a connection stays in the slot it got."""

    def __init__(self, *, ping_s: float) -> None:
        self._slots: list[set[Connection]] = [set() for _ in range(max(1, math.ceil(ping_s)))]
        self._tick_s = ping_s / len(self._slots)
        self._next_slot = itertools.cycle(range(len(self._slots)))

    def add(self, connection: Connection) -> None:
        """Pings it from now on."""
        self._slots[next(self._next_slot)].add(connection)

    def remove(self, connection: Connection) -> None:
        """It is gone."""
        for slot in self._slots:
            slot.discard(connection)

    async def serve(self) -> NoReturn:
        """Turns the wheel until cancelled."""
        for slot in itertools.cycle(self._slots):
            await asyncio.sleep(self._tick_s)
            self.turn(slot, time.time())
        raise AssertionError("a cycle has no end")

    def turn(self, slot: set[Connection], now: float) -> None:
        """One slot's connections: expired tokens and silent clients go, the others are pinged."""
        for connection in list(slot):
            if now > connection.expires_at + TOKEN_GRACE_S:
                metrics.closed.labels(CloseCode.EXPIRED).inc()
                connection.wire.close(CloseCode.EXPIRED)
            elif not connection.heard:
                metrics.closed.labels(CloseCode.TOO_SLOW).inc()
                connection.wire.abort()
            else:
                connection.heard = False
                connection.wire.write_frame(_PING)
