"""When an engine runs: woken, and every so often in any case."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from hub.store.postgres import FAILED

log = structlog.get_logger()


class Rounds:
    """Calls `run` once for all wake-ups since the last call, and at least every `interval_s`."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]], *, interval_s: float) -> None:
        self._name = name
        self._run = run
        self._interval_s = interval_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def serve(self) -> NoReturn:
        """Until cancelled; a run that fails for Postgres is made good by the next."""
        while True:
            try:
                async with asyncio.timeout(self._interval_s):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            try:
                await self._run()
            except FAILED as error:
                log.warning("round.store_failed", engine=self._name, error=type(error).__name__)
