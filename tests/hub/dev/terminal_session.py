"""A person who runs `hark dev`: starts it on the stand-in, reads what it says, presses Ctrl-C."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .heard import PATIENCE_S

COMMAND = """
import sys
from pathlib import Path
from hub.dev.command import dev
sys.exit(dev(port=int(sys.argv[1]), data_dir=Path(sys.argv[2]), fresh="--fresh" in sys.argv))
"""


class Session:
    """One `hark dev`, while it runs and after it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.heard = ""
        self.complaint = ""  # what it wrote to stderr, when it has ended
        self._process = process

    async def hears(self, words: str) -> None:
        """Wait for a line with these words, from where we are in its output."""
        assert self._process.stdout
        async with asyncio.timeout(PATIENCE_S):
            while words not in (line := (await self._process.stdout.readline()).decode()):
                assert line, f"it ended without {words!r}:\n{self.heard}"
                self.heard += line
            self.heard += line

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def end(self) -> int:
        """Wait for its end; the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self._process.communicate()
        self.heard += out.decode()
        self.complaint = err.decode()
        return self._process.returncode or 0


@dataclass(frozen=True)
class Desk:
    """Where it is run: a project folder, a data directory and a port."""

    project: Path
    data_dir: Path
    port: int

    @asynccontextmanager
    async def session(self, *flags: str, **env: str) -> AsyncIterator[Session]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", COMMAND, str(self.port), str(self.data_dir), *flags),
            cwd=self.project,
            env={**os.environ, **env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        session = Session(process)
        try:
            yield session
        finally:
            if process.returncode is None:
                session.send(signal.SIGTERM)
                await session.end()

    def report(self) -> Any:
        return json.loads((self.data_dir / "dev.json").read_text())
