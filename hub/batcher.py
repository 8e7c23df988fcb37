"""Joins what arrives together into one call: while one batch runs, the next one collects. No timer, no added delay."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NoReturn, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

LOOK_S = 0.1  # an answer is late by at most this when its caller hears of it


class Batcher(Generic[Item, Answer]):
    """Runs `run` over batches, one batch at a time, in the order they were submitted.

    A batch weighs at most `limit`, or is one item; without `weight` every item weighs 1. `run` gives one answer an
    item, in order. What it raises is raised to every caller of that batch. With `within_s`, who has no answer by then
    gets a TimeoutError: one timer for all of them, where `asyncio.timeout` is one each. To be made inside the loop it
    will run in.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Answer]]],
        *,
        limit: int,
        weight: Callable[[Item], int] | None = None,
        within_s: float | None = None,
    ) -> None:
        self._run = run
        self._limit = limit
        self._weight = weight
        self._within_s = within_s
        self._deadlines: deque[tuple[float, asyncio.Future[Answer]]] = deque()
        self._loop = asyncio.get_running_loop()  # kept: asking for it costs a system call in Python 3.11
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._arrived = asyncio.Event()

    def submit(self, item: Item) -> asyncio.Future[Answer]:
        """Of the answer to `item`; to be awaited, or given a callback."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting.append((item, future))
        self._arrived.set()
        if self._within_s is not None:
            if not self._deadlines:
                self._loop.call_later(LOOK_S, self._look)
            self._deadlines.append((self._loop.time() + self._within_s, future))
        return future

    async def serve(self) -> NoReturn:
        """Runs batches until cancelled; then whoever still waits is cancelled too."""
        batch: list[tuple[Item, asyncio.Future[Answer]]] = []
        try:
            while True:
                await self._arrived.wait()
                size = self._fitting()
                batch, self._waiting = self._waiting[:size], self._waiting[size:]
                if not self._waiting:
                    self._arrived.clear()
                batch = [(item, future) for item, future in batch if not future.done()]  # who gave up is left out
                if batch:
                    await self._answer(batch)
        finally:
            for _, future in batch + self._waiting:
                future.cancel()

    def _look(self) -> None:
        """Gives up those that are late. In order of their deadlines: it ends at the first that has time."""
        now = self._loop.time()
        while self._deadlines and (self._deadlines[0][1].done() or self._deadlines[0][0] <= now):
            _, future = self._deadlines.popleft()
            if not future.done():
                future.set_exception(TimeoutError())
        if self._deadlines:
            self._loop.call_later(LOOK_S, self._look)

    def _fitting(self) -> int:
        """How many of those that wait make the next batch."""
        if self._weight is None:
            return self._limit
        total = 0
        for count, (item, _) in enumerate(self._waiting):
            total += self._weight(item)
            if total > self._limit:
                return max(count, 1)
        return len(self._waiting)

    async def _answer(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._run([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to the callers, who raise it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():  # its caller may have gone
                future.set_result(answer)
