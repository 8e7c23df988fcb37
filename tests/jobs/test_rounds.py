"""When an engine runs, in memory."""

import asyncio

import pytest

from jobs.rounds import Rounds

LONG_S = 60.0


class Engine:
    """Wakes itself during its first run, if it shall; fails, if it shall."""

    def __init__(self, *, runs: int, interval_s: float = LONG_S, wakes: bool = False, fails: bool = False) -> None:
        self.rounds = Rounds("test", self._run, interval_s=interval_s)
        self.ran = 0
        self._runs = runs
        self._wakes = wakes
        self._fails = fails
        self._enough = asyncio.Event()

    async def _run(self) -> None:
        self.ran += 1
        if self.ran == self._runs:
            self._enough.set()
        elif self._wakes:
            self.rounds.wake()
        if self._fails:
            raise ConnectionRefusedError

    async def serve(self) -> int:
        """How often it has run once it has run enough, and would have run again."""
        serving = asyncio.ensure_future(self.rounds.serve())
        await self._enough.wait()
        await asyncio.sleep(0)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        return self.ran


async def test_all_wake_ups_before_a_run_are_one_run() -> None:
    engine = Engine(runs=1)
    for _ in range(3):
        engine.rounds.wake()
    assert await engine.serve() == 1


async def test_a_wake_up_during_a_run_is_another_run() -> None:
    engine = Engine(runs=2, wakes=True)
    engine.rounds.wake()
    assert await engine.serve() == 2


async def test_it_runs_though_nobody_wakes_it_and_after_postgres_failed() -> None:
    engine = Engine(runs=3, interval_s=0.01, fails=True)
    assert await engine.serve() == 3
