"""Servers for tests: one run, and nobody starts it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hub.dev.errors import StartError
from hub.dev.process import Child, Process

READY_WITHIN_S = 30.0
LAST_WORDS = 2_000  # characters of its log that a failed start shows


@asynccontextmanager
async def throwaway(child: Child, *, log: Path) -> AsyncIterator[None]:
    """Run `child` until the block ends. Raises StartError with the end of its log when it cannot.

    It writes to a file, not to a pipe: between tests no event loop runs that could read one, and a full pipe
    stops a server in the middle of a log line.
    """
    with log.open("wb") as output:
        process = await Process.start(child, output=output.fileno())
    try:
        if not await process.until_ready(READY_WITHIN_S):
            raise StartError(f"{child.name} did not start:\n{_last_words(log)}")
        yield
    finally:
        await process.stop()


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-LAST_WORDS:]
