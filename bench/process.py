"""Child processes: one that runs while a block does, and one that is run to its end."""

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.failure import BenchError
from bench.place import on_core
from hub.dev.ports import LOOPBACK
from hub.dev.probes import Probe
from hub.dev.process import Child, Process

READY_WITHIN_S = 30.0
LAST_WORDS = 2_000  # characters of its log that a failed start shows


def child(name: str, argv: Sequence[str], *, ready: Probe, env: Mapping[str, str] | None = None) -> Child:
    """A server to be started with our own environment and `env` over it."""
    return Child(name=name, argv=argv, env={**os.environ, **(env or {})}, ready=ready, stop_within_s=5.0)


def listening(port: int) -> Probe:
    """Somebody accepts connections on `port`."""

    async def accepts() -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)  # noqa: TID251 - what it started itself
        except OSError:
            return False
        writer.close()
        return True

    return accepts


@asynccontextmanager
async def running(child: Child, *, core: int, log: Path) -> AsyncIterator[int]:
    """Runs `child` on one core until the block ends; yields its pid. Raises BenchError with its last words."""
    child = dataclasses.replace(child, argv=on_core(core, child.argv))
    with log.open("wb") as output:
        process = await Process.start(child, output=output.fileno())
    try:
        if not await process.until_ready(READY_WITHIN_S):
            raise BenchError(f"{child.name} did not start: {_last_words(log)}")
        yield process.pid
    finally:
        await process.stop()


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-LAST_WORDS:].strip()


async def output_of(*argv: str, env: Mapping[str, str] | None = None, within_s: float = 60.0) -> str:
    """What a command says, on both streams. Raises BenchError when it fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env={**os.environ, **(env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise BenchError(f"{argv[0]}: {error.strerror}") from None
    try:
        async with asyncio.timeout(within_s):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        raise BenchError(f"{argv[0]} took more than {within_s:g} s") from None
    text = said.decode(errors="replace").strip()
    if process.returncode != 0:
        raise BenchError(f"{argv[0]} failed: {text[-LAST_WORDS:]}")
    return text
