"""What a workload is, and how much of it a sitting does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from bench.figures import Column, Figures
from bench.server import Server


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done; a quick sitting is for trying things, not for quoting."""

    audience: int = 5_000  # connections a broadcast reaches
    idle: int = 9_000  # connections that are opened and kept; two file descriptors each, and `ulimit -n` has a limit
    users: int = 1_000  # connections of one to one
    effort: float = 1.0  # of the messages


FULL = Scale()
QUICK = Scale(audience=1_000, idle=2_000, users=500, effort=0.15)


class Study:
    """A table about Hark alone: a case a row."""

    name: str  # on the command line
    title: str
    note: str  # what a reader must know of it
    of: str  # what a case is: the heading of the first column
    columns: Sequence[Column]
    cases: Sequence[str]

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """Starts Hark with its files in `folder`, and stops it. Raises BenchError."""
        raise NotImplementedError


class Workload(Protocol):
    """One table."""

    name: str  # on the command line
    title: str
    note: str  # what a reader must know of it

    @property
    def columns(self) -> Sequence[Column]:
        """Of its table."""

    def suits(self, server: Server) -> bool:
        """Whether the server can do it."""

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """Starts the server with its files in `folder`, and stops it. Raises BenchError."""
