"""What a person in front of `hark dev` sees, and when a process is gone, for tests that wait for it."""

import asyncio
import os

from hub.dev.terminal import Terminal

PATIENCE_S = 40.0  # two slow cores, shared with others


class Heard(Terminal):
    """A terminal that remembers."""

    def __init__(self) -> None:
        self.text = ""
        self._more = asyncio.Event()

    async def says(self, words: str, *, times: int = 1) -> None:
        """Wait until the words were written so often; at once when they were."""
        async with asyncio.timeout(PATIENCE_S):
            while self.text.count(words) < times:
                self._more.clear()
                await self._more.wait()

    def _write(self, text: str) -> None:
        self.text += text
        self._more.set()


async def gone(pid: int) -> None:
    """Wait until a process has ended, whoever its parent is."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watched, ended.set)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)
