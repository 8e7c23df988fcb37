"""A real browser's process. Nothing of it stays behind: no process, no file."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence

START_WITHIN_S = 40  # a cold disk, two slow cores


@contextlib.asynccontextmanager
async def browser_process(command: Sequence[str], *, profile: str, says: bytes) -> AsyncIterator[str]:
    """The URL behind what it `says` on stderr when it is ready to be driven."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "HOME": profile, "TMPDIR": profile},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # a group of its own, which ends with it
    )
    assert process.stderr is not None
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reading = asyncio.ensure_future(_read(process.stderr, says, ready))
    try:
        async with asyncio.timeout(START_WITHIN_S):
            url = await ready
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # else it would save what nobody reads
        await process.wait()
        await reading  # nobody has this pipe any more: those of other groups, too, have ended


async def _read(stderr: asyncio.StreamReader, says: bytes, ready: "asyncio.Future[str]") -> None:
    """To its end, lest the browser wait for a reader."""
    while line := await stderr.readline():
        if says in line:
            ready.set_result(line.decode().split()[-1])
    if not ready.done():
        ready.set_exception(ChildProcessError("the browser ended before it was ready"))
