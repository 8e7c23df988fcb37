"""socket.io, as a back end in Node runs it: one process, a room a user."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.dialogue import Dialogue
from bench.place import NODE, PROGRAMS, SERVER_CORE, program
from bench.process import child, listening, output_of, running
from bench.server import Running
from hub.dev.ports import LOOPBACK, free_ports

PACKAGE = NODE / "node_modules" / "socket.io" / "package.json"


def conversation(port: int) -> tuple[Dialogue, Dialogue]:
    """With everyone, and with one: Engine.IO 4 over a WebSocket, Socket.IO 5 in it."""
    at = f"{LOOPBACK}:{port}"

    def dialogue(query: str, room: str) -> Dialogue:
        return Dialogue(
            socket=f"{at}/socket.io/?EIO=4&transport=websocket{query}",
            publish=f"{at}/pub{room}",
            publish_headers=("Content-Type: application/json",),
            hellos=("40",),  # connect to the namespace /
            ready="40{",
            ping="2",
            pong="3",
        )

    return dialogue("", ""), dialogue("&u=u{i}", "?u=u{i}")


class SocketIO:
    """See bench/programs/socketio.mjs."""

    name = "socketio"
    title = "socket.io (Node)"
    install = "npm install --prefix bench/.cache/node socket.io@4"
    installs_in_cache = True
    pace = 5.0

    def absent(self) -> str | None:
        """See Server."""
        if program("node") is None:
            return "no Node"
        return None if PACKAGE.exists() else "not installed"

    async def version(self) -> str:
        """Of the package and of Node."""
        return f"socket.io {json.loads(PACKAGE.read_text())['version']}, Node {await output_of('node', '--version')}"

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        script = shutil.copy(PROGRAMS / "socketio.mjs", NODE)  # Node looks for packages where the script is
        argv = [program("node") or "node", str(script), str(port)]
        async with running(child("node", argv, ready=listening(port)), core=SERVER_CORE, log=folder / "log") as pid:
            everyone, one = conversation(port)
            yield Running(pid=pid, everyone=everyone, one=one)
