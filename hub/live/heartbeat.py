"""Pings and deadlines of all sockets by one timer: each tick, the sockets whose turn it is.

Pings are frames of the protocol, not WebSocket pings: a browser's script sees them and so notices a dead hub.
"""

import asyncio
import itertools
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

from hub import metrics
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.expiry import Expiry
from hub.live.framing import encoded

_PING = encoded(frames.PING)
TICK_S = 1.0

Socket = TypeVar("Socket")


class Heartbeat:
    """A wheel with one slot a second; a connection stays in the slot it got. On its way it shows all to `expiry`."""

    def __init__(self, *, ping_s: float, expiry: Expiry) -> None:
        self._expiry = expiry
        self._slots: list[set[Connection]] = [set() for _ in range(max(1, math.ceil(ping_s / TICK_S)))]
        self._tick_s = ping_s / len(self._slots)
        self._next_slot = itertools.cycle(range(len(self._slots)))

    def add(self, connection: Connection) -> None:
        """Pings it from now on."""
        connection.slot = next(self._next_slot)
        self._slots[connection.slot].add(connection)

    def remove(self, connection: Connection) -> None:
        """It is gone."""
        self._slots[connection.slot].discard(connection)

    async def serve(self) -> NoReturn:
        """Turns the wheel until cancelled."""
        for slot in itertools.cycle(self._slots):
            await asyncio.sleep(self._tick_s)
            self.turn(slot, time.time())
        raise AssertionError("a cycle has no end")

    def turn(self, slot: set[Connection], now: float) -> None:
        """One slot's connections: silent clients go, the others are pinged."""
        for connection in list(slot):
            self._expiry.watch(connection, now)
            if not connection.heard:
                metrics.closed.labels(CloseCode.TOO_SLOW).inc()
                connection.wire.abort()
            elif connection.early is None:  # it was welcomed
                connection.heard = False
                connection.wire.write(_PING)


class Deadlines(Generic[Socket]):
    """One deadline after another of the same length, such as that of hello: a queue instead of a timer each."""

    def __init__(self, *, after_s: float, missed: Callable[[Socket], None]) -> None:
        self._after_s = after_s
        self._missed = missed
        self._waiting: deque[tuple[float, Socket]] = deque()

    def add(self, socket: Socket) -> None:
        """`missed(socket)` is called when its time is over; whether it still matters is decided there."""
        self._waiting.append((time.monotonic() + self._after_s, socket))

    async def serve(self) -> NoReturn:
        """Looks until cancelled."""
        while True:
            await asyncio.sleep(min(TICK_S, self._after_s) / 2)
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                self._missed(self._waiting.popleft()[1])
