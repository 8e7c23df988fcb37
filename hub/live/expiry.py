"""The end of user tokens while their devices are connected: before it the device is asked for a new one, and at `exp`,
to the second, its connection ends (RFC 7519 §4.1.4)."""

import asyncio
import math
import time
from typing import NoReturn

from hub import metrics
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import encoded

WARNING_S = 30.0  # before the end, if the token lived twice as long; else at half of its life
LOOK_S = 0.5
A_SLICE = 200  # goodbyes; between slices the loop has its turn

_ENDED = -1


class Expiry:
    """Has those connections for which something is to be done within `ahead_s`, by the second in which it is; all are
    shown to it more often than that. So an hour's token costs nothing for an hour."""

    def __init__(self, *, ahead_s: float) -> None:
        self._ahead_s = ahead_s
        self._due: dict[int, set[Connection]] = {}

    def watch(self, connection: Connection, now: float) -> None:
        """It came, or it has another token, or it is shown again."""
        if connection.due == _ENDED:
            return
        due = math.ceil(_next(connection))
        if due == connection.due:
            return
        self.forget(connection)
        if due - now <= self._ahead_s:
            connection.due = due
            self._due.setdefault(due, set()).add(connection)

    def forget(self, connection: Connection) -> None:
        """It is gone, or nothing is due yet."""
        if connection.due > 0:
            self._due[connection.due].discard(connection)
            connection.due = 0

    async def serve(self) -> NoReturn:
        """Looks until cancelled."""
        while True:
            more = self.turn(time.time(), most=A_SLICE)
            await asyncio.sleep(0 if more else LOOK_S)

    def turn(self, now: float, *, most: int) -> bool:
        """Does what is due, for so many connections at most; whether there are more."""
        for second in sorted(second for second in self._due if second <= now):
            waiting = self._due[second]
            while waiting:
                if most == 0:
                    return True
                most -= 1
                self._act(waiting.pop(), now)
            del self._due[second]
        return False

    def _act(self, connection: Connection, now: float) -> None:
        connection.due = 0
        left_s = connection.expires_at - now
        if left_s > 0:
            connection.asked_for = connection.expires_at
            connection.tell(encoded(frames.refresh_needed(expires_in_s=math.ceil(left_s))))
            self.watch(connection, now)
        else:
            connection.due = _ENDED
            metrics.closed.labels(CloseCode.EXPIRED).inc()
            connection.wire.close(CloseCode.EXPIRED)


def _next(connection: Connection) -> float:
    """When something is to be done for it: it is asked once for each end."""
    if connection.asked_for == connection.expires_at:
        return connection.expires_at
    return connection.expires_at - min(WARNING_S, (connection.expires_at - connection.issued_at) / 2)
