"""What the two peers in Python share: a virtual environment of their own, and uvicorn. The project's has neither."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.place import PROGRAMS, PYTHON, SERVER_CORE
from bench.process import child, listening, output_of, running

INTERPRETER = PYTHON / "bin" / "python"
INSTALL = (
    "python3 -m venv --without-pip bench/.cache/python && "
    "python3 -m pip --python bench/.cache/python/bin/python install "
    "uvicorn uvloop httptools websockets msgspec python-socketio django channels channels_redis"
)


def absent(package: str) -> str | None:
    """Whether `package` is missing there."""
    found = PYTHON.glob(f"lib/python*/site-packages/{package}")
    return None if any(found) else "not installed"


async def versions(*distributions: str) -> str:
    """Of packages that are installed there, and of Python."""
    ask = f"from importlib.metadata import version as v; print(', '.join(f'{{n}} {{v(n)}}' for n in {distributions}))"
    return f"{await output_of(str(INTERPRETER), '-c', ask)}, Python {sys.version.partition(' ')[0]}"


@asynccontextmanager
async def uvicorn(module: str, port: int, folder: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """Runs `module`:app until the block ends; yields its pid."""
    argv = [str(INTERPRETER), "-m", "uvicorn", f"{module}:app", "--app-dir", str(PROGRAMS), "--port", str(port)]
    argv += ["--log-level", "warning", "--no-access-log"]
    server = child(module, argv, ready=listening(port), env=env)
    async with running(server, core=SERVER_CORE, log=folder / "log") as pid:
        yield pid
