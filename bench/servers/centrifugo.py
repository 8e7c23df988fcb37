"""Centrifugo, a push server in Go, with its memory engine: nothing is stored. Its binary is named by $CENTRIFUGO."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.dialogue import Dialogue
from bench.place import PROGRAMS, SERVER_CORE
from bench.process import child, listening, output_of, running
from bench.server import Running
from hub.dev.ports import LOOPBACK, free_ports

VARIABLE = "CENTRIFUGO"


class Centrifugo:
    """See bench/programs/centrifugo.json."""

    name = "centrifugo"
    title = "Centrifugo (Go)"
    install = (
        "curl -L https://github.com/centrifugal/centrifugo/releases/download/v6.9.1/centrifugo_6.9.1_linux_amd64.tar.gz"
        " | tar -xz -C bench/.cache centrifugo && export CENTRIFUGO=$PWD/bench/.cache/centrifugo"
    )
    installs_in_cache = False
    pace = 5.0

    def absent(self) -> str | None:
        """See Server."""
        return None if os.access(self._binary, os.X_OK) else f"${VARIABLE} names no program"

    async def version(self) -> str:
        """It names itself, and the Go it was made with."""
        return (await output_of(self._binary, "version")).splitlines()[0]

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        configuration = folder / "centrifugo.json"
        configuration.write_text((PROGRAMS / "centrifugo.json").read_text().replace("PORT", str(port)))
        argv = [self._binary, "--config", str(configuration)]
        one_core = {"GOMAXPROCS": "1"}
        server = child("centrifugo", argv, ready=listening(port), env=one_core)
        async with running(server, core=SERVER_CORE, log=folder / "log") as pid:
            yield Running(pid=pid, everyone=_dialogue(port, "all"), one=_dialogue(port, "u{i}"))

    @property
    def _binary(self) -> str:
        return os.environ.get(VARIABLE, "")


def _dialogue(port: int, channel: str) -> Dialogue:
    at = f"{LOOPBACK}:{port}"
    return Dialogue(
        socket=f"{at}/connection/websocket",
        publish=f"{at}/api/publish",
        publish_headers=("Content-Type: application/json",),
        body=f'{{"channel":"{channel}","data":{{message}}}}',
        hellos=(f'{{"id":1,"connect":{{}}}}\n{{"id":2,"subscribe":{{"channel":"{channel}"}}}}',),
        ready='"id":2',
    )
