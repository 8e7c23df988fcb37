"""Joining what arrives together."""

import asyncio

import pytest

from hub.batcher import Batcher


class Store:
    """Answers when told to, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def run(self, items: list[int]) -> list[int]:
        self.batches.append(items)
        self.asked.set()
        await self.gate.wait()
        if 13 in items:
            raise ValueError("unlucky")
        return [item * 10 for item in items]


async def test_what_comes_while_a_batch_runs_is_the_next_batch() -> None:
    store = Store()
    batcher = Batcher(store.run, limit=3)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(batcher.serve())
        first = batcher.submit(1)
        await store.asked.wait()
        others = [batcher.submit(item) for item in (2, 3, 4, 5)]
        store.gate.set()
        assert await asyncio.gather(first, *others) == [10, 20, 30, 40, 50]
        serving.cancel()
    assert store.batches == [[1], [2, 3, 4], [5]]


async def test_an_error_goes_to_those_it_concerns_and_the_next_batch_runs() -> None:
    store = Store()
    store.gate.set()
    batcher = Batcher(store.run, limit=10)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(batcher.serve())
        with pytest.raises(ValueError, match="unlucky"):
            await batcher.submit(13)
        assert await batcher.submit(1) == 10
        serving.cancel()


async def test_whoever_waits_at_the_end_is_cancelled() -> None:
    store = Store()
    batcher = Batcher(store.run, limit=1)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(batcher.serve())
        waiting = [batcher.submit(item) for item in (1, 2)]
        await store.asked.wait()
        serving.cancel()
    assert all(answer.cancelled() for answer in waiting)


async def test_a_caller_that_went_away_does_not_disturb_the_others() -> None:
    store = Store()
    batcher = Batcher(store.run, limit=10)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(batcher.serve())
        gone = batcher.submit(1)
        staying = batcher.submit(2)
        await store.asked.wait()
        gone.cancel()
        store.gate.set()
        assert await staying == 20
        serving.cancel()


async def test_who_has_no_answer_in_time_hears_of_it_and_is_left_out_of_later_batches() -> None:
    store = Store()
    batcher = Batcher(store.run, limit=1, within_s=0.05)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(batcher.serve())
        late = [batcher.submit(item) for item in (1, 2)]
        answers = await asyncio.gather(*late, return_exceptions=True)
        assert [type(answer) for answer in answers] == [TimeoutError, TimeoutError]
        store.gate.set()
        assert await batcher.submit(3) == 30
        serving.cancel()
    assert store.batches == [[1], [3]]
