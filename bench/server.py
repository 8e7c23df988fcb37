"""What the bench knows of a server: whether it is here, how it is started, and how the load client talks to it."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from bench.dialogue import Dialogue


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A server that runs: its process, those of the database and broker beside it, and what can be said to it."""

    pid: int
    beside: tuple[int, ...] = ()
    everyone: Dialogue  # each message reaches all
    one: Dialogue | None = None  # each message reaches connection {i}


class Server(Protocol):
    """One row of every table."""

    name: str  # on the command line
    title: str  # in tables
    install: str  # the command that brings it here
    installs_in_cache: bool  # it writes below bench/.cache only, so `--install` may run it
    pace: float  # messages a second to 5,000 connections that leave it idle between two

    def absent(self) -> str | None:
        """What is missing here, or None."""

    async def version(self) -> str:
        """Which one it is, in a few words."""

    def start(self, folder: Path) -> AbstractAsyncContextManager[Running]:
        """Runs it until the block ends; its files are in `folder`, which is empty. Raises BenchError."""
