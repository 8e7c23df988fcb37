"""Calls that block, each in a thread: at most so many at once, and nobody waits for one longer than he said."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class NoRoom(Exception):
    """All threads were busy; nothing was called."""


class Threads:
    """To be used inside one event loop. A call that hangs keeps its place until it ends, but keeps no process alive:
    what Python's own pool starts, it waits for at the exit."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    async def run(self, call: Callable[[], Result], *, within_s: float) -> Result:
        """What it gives or raises. NoRoom after half of the time without a free thread; TimeoutError for a call that
        has not ended by then, and goes on alone."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + within_s
        try:
            async with asyncio.timeout(within_s / 2):
                await self._free.acquire()
        except TimeoutError:
            raise NoRoom from None
        came: asyncio.Future[Result] = loop.create_future()
        threading.Thread(target=self._work, args=(loop, call, came), name="chat", daemon=True).start()
        async with asyncio.timeout_at(ends):
            return await came

    def _work(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Result], came: asyncio.Future[Result]) -> None:
        try:
            result = call()
            tell = lambda: came.set_result(result)  # noqa: E731 - one of two
        except Exception as error:  # noqa: BLE001 - whoever awaits it gets it
            failure = error
            tell = lambda: came.set_exception(failure)  # noqa: E731
        with contextlib.suppress(RuntimeError):  # the loop has ended before the call
            loop.call_soon_threadsafe(self._end, came, tell)

    def _end(self, came: asyncio.Future[Result], tell: Callable[[], None]) -> None:
        self._free.release()
        if not came.done():  # else nobody waits any more
            tell()
