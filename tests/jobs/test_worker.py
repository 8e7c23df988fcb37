"""The worker's own life."""

import asyncio
import contextlib

import pytest

from jobs.worker import _cancellable


async def test_a_part_that_forgets_its_cancellation_is_cancelled_again() -> None:
    forgotten = asyncio.Event()

    async def forgetful() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        forgotten.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(_cancellable(forgetful()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert forgotten.is_set()
