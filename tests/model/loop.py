"""An event loop without a clock and without I/O: time stands still until somebody lets it pass. The real tasks of the
hub run on it, always in the same order, so that a schedule that breaks something breaks it again."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from tests.model.ledger import Broken

ENDLESS = 20_000  # turns within one moment: what goes on for longer goes on for ever


class Loop(asyncio.BaseEventLoop):
    """`run` and `pass_time` return when everything that can happen has happened."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._until = 0.0
        self._turns = 0
        self._selector = self  # what a loop with I/O asks for events and waits on
        self.surprises: list[BaseException] = []

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._now

    def run(self, action: Callable[[], object]) -> None:
        """Does this inside the loop, and what follows from it."""
        self.call_soon(action)
        self.pass_time(0.0)

    def pass_time(self, seconds: float) -> None:
        """Lets time pass. Raises what a callback raised."""
        self._until = self._now + seconds
        self._turns = 0
        self.run_forever()
        if self.surprises:
            raise self.surprises.pop(0)

    def select(self, timeout: float | None) -> Sequence[object]:
        """Called when all that could run has run. Nothing ever comes from outside; so time passes, or it is over."""
        if timeout == 0:
            self._turns += 1
            if self._turns > ENDLESS:
                raise Broken(f"busy: {ENDLESS} turns without a pause at {self._now} s")
        elif timeout is None or self._now + timeout > self._until:
            self._now = self._until
            self.stop()
        else:
            self._now += timeout
            self._turns = 0
        return ()

    def _process_events(self, _: Sequence[object]) -> None:
        """There are none."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A callback that raised is a surprise; a task that did has an owner who looks."""
        if "handle" in context:
            self.surprises.append(context["exception"])

    def end(self) -> None:
        """Cancels what still runs."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.surprises.clear()
        self.run(lambda: None)
        self.close()
