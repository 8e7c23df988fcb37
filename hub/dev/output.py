"""What a child prints: cut into lines, the last ones kept. Nothing waits: a full pipe stops a child."""

import asyncio
import os
from collections import deque
from collections.abc import Callable

KEPT_LINES = 20
LONGEST_LINE = 64 * 1024  # bytes; longer ones are cut, so that a child without line ends does not eat our memory


class Output(asyncio.Protocol):
    """The reading end of a pipe that one run of a child writes to."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self.last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.closed = asyncio.Event()  # nobody can write any more: the child and all that it forked are gone
        self._show = show
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._line(line)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name is asyncio's
        if self._rest:
            self._line(self._rest)
        self.closed.set()

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self.last_lines.append(text)
        self._show(text)


async def pipe(show: Callable[[str], None]) -> tuple[int, Output]:
    """A file descriptor to write to, which the caller closes, and what reads its other end."""
    reading, writing = os.pipe()
    output = Output(show)
    await asyncio.get_running_loop().connect_read_pipe(lambda: output, os.fdopen(reading, "rb", buffering=0))
    return writing, output
