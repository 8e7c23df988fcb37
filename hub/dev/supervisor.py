"""Keeps children running: starts them, starts again what dies, stops them in order. Knows nothing of Hark."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from hub.dev.deaths import Deaths, GiveUp, StartAgain, how_it_ended
from hub.dev.errors import GaveUpError
from hub.dev.output import Output, pipe
from hub.dev.process import READY_WITHIN_S, Child, Process
from hub.dev.terminal import Terminal

# What a killed postmaster forked notices and leaves within a second; before that, a new one cannot start.
ORPHANS_LEAVE_WITHIN_S = 5.0
LAST_LINES_WITHIN_S = 0.2  # of a child that was stopped: they are in the pipe already


@dataclass(frozen=True)
class _Life:
    """One run of a child, and what it prints."""

    process: Process
    output: Output


class Supervisor:
    """Made by `supervised`, which owns its tasks."""

    def __init__(
        self, tasks: asyncio.TaskGroup, terminal: Terminal, changed: Callable[[Mapping[str, int]], None]
    ) -> None:
        self.pids: dict[str, int] = {}  # of those that were ready; a dead one's until its successor is
        self._tasks = tasks
        self._terminal = terminal
        self._changed = changed
        self._keepers: list[asyncio.Task[None]] = []
        self._lives: dict[str, _Life] = {}  # in the order of their start
        self._deaths = Deaths()

    async def start(self, *children: Child) -> None:
        """Start all of them at once; return when each is ready. They are stopped in the opposite order."""
        all_ready = []
        for child in children:
            await self._begin(child)
            ready = asyncio.Event()
            all_ready.append(ready)
            self._keepers.append(self._tasks.create_task(self._keep(child, ready)))
        for ready in all_ready:
            await ready.wait()  # a keeper has deadlines, and cancels us when it gives up

    def let_go(self) -> None:
        """From here on nothing is started again."""
        for keeper in self._keepers:
            keeper.cancel()

    async def stop(self) -> None:
        """Stop what runs, last started first, within the children's own deadlines."""
        for life in reversed(self._lives.values()):
            if not await life.process.stop():
                self._terminal.note(f"{life.process.child.name} did not stop in time and was killed")
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_LINES_WITHIN_S):
                    await life.output.closed.wait()

    async def _begin(self, child: Child) -> None:
        writing, output = await pipe(lambda text: None if child.quiet else self._terminal.line(child.name, text))
        try:
            process = await Process.start(child, output=writing)
        finally:
            os.close(writing)
        self._lives[child.name] = _Life(process, output)

    async def _keep(self, child: Child, ready: asyncio.Event) -> None:
        """Until it is cancelled, or everything dies too often: then GaveUpError."""
        while True:
            life = self._lives[child.name]
            how = await self._live(life, ready)
            self._report(life, how)
            match self._deaths.add(child.name, how, now_s=asyncio.get_running_loop().time()):
                case GiveUp(reason):
                    raise GaveUpError(reason)
                case StartAgain(after_s):
                    await asyncio.sleep(after_s)
            await self._begin(child)

    async def _live(self, life: _Life, ready: asyncio.Event) -> str:
        """One life, from its start until all that it forked is gone; says how it ended."""
        process = life.process
        if await process.until_ready():
            self._arrived(process, again=ready.is_set())
            ready.set()
            how = how_it_ended(await process.end())
        elif process.ended:
            how = f"{how_it_ended(await process.end())} before it was ready"
        else:
            await process.stop()
            how = f"was not ready within {READY_WITHIN_S:.0f} s"
        with suppress(TimeoutError):
            async with asyncio.timeout(ORPHANS_LEAVE_WITHIN_S):
                await life.output.closed.wait()
        return how

    def _arrived(self, process: Process, *, again: bool) -> None:
        name = process.child.name
        self.pids[name] = process.pid
        self._changed(self.pids)
        if again:
            self._terminal.note(f"{name} runs again")

    def _report(self, life: _Life, how: str) -> None:
        child = life.process.child
        if child.quiet:  # the others' lines were shown when they came
            for text in life.output.last_lines:
                self._terminal.line(child.name, text)
        self._terminal.note(f"{child.name} {how}")


@asynccontextmanager
async def supervised(terminal: Terminal, changed: Callable[[Mapping[str, int]], None]) -> AsyncIterator[Supervisor]:
    """A supervisor for one block; after it nothing runs any more.

    `changed` is called with all pids when a child has become ready. When children die too often the block is
    cancelled and an exception group with GaveUpError raised.
    """
    async with AsyncExitStack() as afterwards, asyncio.TaskGroup() as tasks:
        supervisor = Supervisor(tasks, terminal, changed)
        afterwards.push_async_callback(supervisor.stop)
        yield supervisor
        supervisor.let_go()
