"""The least that a server can do: a loop in C that writes one frame to every socket. It knows no users."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.compiled import compiled
from bench.dialogue import Dialogue
from bench.place import SERVER_CORE
from bench.process import child, listening, running
from bench.server import Running
from hub.dev.ports import LOOPBACK, free_ports


class Floor:
    """See bench/programs/floor.c."""

    name = "floor"
    title = "floor (C)"
    install = "apt-get install gcc libc6-dev"
    installs_in_cache = False
    pace = 5.0

    def absent(self) -> str | None:
        """Never: without a C compiler there is no load client either."""
        return None

    async def version(self) -> str:
        """What it is."""
        return "one send() a connection, no protocol work"

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        argv = [str(await compiled("floor")), str(port)]
        async with running(child("floor", argv, ready=listening(port)), core=SERVER_CORE, log=folder / "log") as pid:
            at = f"{LOOPBACK}:{port}"
            yield Running(pid=pid, everyone=Dialogue(socket=f"{at}/ws", publish=f"{at}/pub"))
