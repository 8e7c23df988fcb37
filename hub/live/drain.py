"""The paced drain: a stopping node sends its clients elsewhere one by one, so that they do not arrive all at once."""

import asyncio
from collections.abc import Callable, Collection

from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import encoded

STEP_S = 0.05  # how often the next ones go


def slots(count: int, over_s: float) -> list[float]:
    """When each of `count` clients is to go, in seconds from now: evenly over the time."""
    return [over_s * place / count for place in range(count)]


async def drain(connections: Collection[Connection], *, over_s: float, hurry: Callable[[], bool]) -> None:
    """Tells every client when to come back, serves it until then, and closes it. `hurry()` ends the pacing."""
    leaving = list(zip(slots(len(connections), over_s), connections, strict=True))
    for slot_s, connection in leaving:
        connection.wire.write(encoded(frames.reconnect(after_ms=round(slot_s * 1000))))
    loop = asyncio.get_running_loop()
    started = loop.time()
    for slot_s, connection in leaving:
        while loop.time() - started < slot_s and not hurry():  # noqa: ASYNC110 - a signal handler sets it, no event
            await asyncio.sleep(STEP_S)
        connection.wire.close(CloseCode.DRAIN)
