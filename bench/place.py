"""Where things are and which core they run on. Importing it does nothing."""

import shutil
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).parent
PROGRAMS = HOME / "programs"  # what other programs run: C sources, peers, their configuration
CACHE = HOME / ".cache"  # what was compiled or installed; git ignores it
NODE = CACHE / "node"
PYTHON = CACHE / "python"

SERVER_CORE = 0  # of the measured server alone
CLIENT_CORE = 1  # of everything else: the load client, databases, brokers


def on_core(core: int, argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` on one core."""
    return ["taskset", "-c", str(core), *argv]


def program(name: str) -> str | None:
    """The path of a program of this machine, or None. /usr/sbin is where Debian keeps nginx."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
