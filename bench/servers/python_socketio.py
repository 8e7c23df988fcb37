"""python-socketio on uvicorn: socket.io's protocol, served by Python."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.server import Running
from bench.servers import python_peers
from bench.servers.socketio import conversation
from hub.dev.ports import free_ports


class PythonSocketIO:
    """See bench/programs/python_socketio.py."""

    name = "python-socketio"
    title = "python-socketio"
    install = python_peers.INSTALL
    installs_in_cache = True
    pace = 1.0  # 5,000 deliveries take it more than half a second

    def absent(self) -> str | None:
        """See Server."""
        return python_peers.absent("socketio")

    async def version(self) -> str:
        """See Server."""
        return await python_peers.versions("python-socketio", "uvicorn")

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        async with python_peers.uvicorn("python_socketio", port, folder) as pid:
            everyone, one = conversation(port)
            yield Running(pid=pid, everyone=everyone, one=one)
