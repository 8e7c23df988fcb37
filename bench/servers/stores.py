"""Postgres and Valkey for servers that need one: those of `hark dev`, with fsync on, on the load client's core."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bench.place import CLIENT_CORE
from bench.process import running
from hub.dev import shelter
from hub.dev.ports import free_ports
from hub.dev.postgres import Postgres
from hub.dev.valkey import Valkey


class Store(NamedTuple):
    """One that runs."""

    url: str
    pid: int


@asynccontextmanager
async def postgres(folder: Path) -> AsyncIterator[Store]:
    """A new cluster; deleted afterwards."""
    link = folder / "postgres"
    server = Postgres.at(link, port=free_ports(1)[0])
    try:
        async with running(await server.prepare(), core=CLIENT_CORE, log=server.home / "log") as pid:
            yield Store(server.url, pid)
    finally:
        shelter.remove(link)


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[Store]:
    """An empty one."""
    home = folder / "valkey"
    server = Valkey.at(home, port=free_ports(1)[0])
    async with running(server.prepare(), core=CLIENT_CORE, log=folder / "valkey.log") as pid:
        yield Store(server.url, pid)
