"""Joins what arrives together into one call: while one batch runs, the next one collects. No timer, no added delay."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NoReturn, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Runs `run` over batches of at most `limit` items, one batch at a time, in the order they were submitted.

    `run` gives one answer an item, in order. What it raises is raised to every caller of that batch. To be made
    inside the loop it will run in.
    """

    def __init__(self, run: Callable[[list[Item]], Awaitable[Sequence[Answer]]], *, limit: int) -> None:
        self._run = run
        self._limit = limit
        self._loop = asyncio.get_running_loop()  # kept: asking for it costs a system call in Python 3.11
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._arrived = asyncio.Event()

    def submit(self, item: Item) -> asyncio.Future[Answer]:
        """Of the answer to `item`; to be awaited, or given a callback."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting.append((item, future))
        self._arrived.set()
        return future

    async def serve(self) -> NoReturn:
        """Runs batches until cancelled; then whoever still waits is cancelled too."""
        batch: list[tuple[Item, asyncio.Future[Answer]]] = []
        try:
            while True:
                await self._arrived.wait()
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                if not self._waiting:
                    self._arrived.clear()
                await self._answer(batch)
        finally:
            for _, future in batch + self._waiting:
                future.cancel()

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
