"""One sitting: every workload at every server, one after the other."""

import asyncio
import datetime
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from bench.compiled import compiled
from bench.disturbance import Disturbance
from bench.failure import BenchError
from bench.figures import Run, ServerInfo, Sitting, Table
from bench.place import CLIENT_CORE, SERVER_CORE
from bench.server import Server
from bench.table import rows
from bench.workload import FULL, QUICK, Scale, Workload
from hub.dev.errors import DevError

WITHIN_S = 300.0  # one workload at one server

Say = Callable[[str], None]


async def sit(servers: Sequence[Server], workloads: Sequence[Workload], *, quick: bool, say: Say) -> Sitting:
    """Measures everything; `say` is told how it goes. Raises BenchError when nothing can be measured here."""
    _check_machine()
    for name in ("wsload", "floor"):
        await compiled(name)
    scale = QUICK if quick else FULL
    infos = [await _info(server) for server in servers]
    here = [server for server, info in zip(servers, infos, strict=True) if info.skipped is None]
    return Sitting(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=machine(),
        quick=quick,
        servers=infos,
        tables=[await _table(workload, here, scale, say) for workload in workloads],
    )


async def _table(workload: Workload, servers: Sequence[Server], scale: Scale, say: Say) -> Table:
    title = workload.title.format(audience=f"{scale.audience:,}", idle=f"{scale.idle:,}", users=f"{scale.users:,}")
    say(title)
    runs = [await _run(workload, server, scale, say) for server in servers if workload.suits(server)]
    measured = Table(name=workload.name, title=title, note=workload.note, columns=workload.columns, runs=runs)
    say(f"\n{rows(measured, {server.name: server.title for server in servers})}\n")
    return measured


async def _run(workload: Workload, server: Server, scale: Scale, say: Say) -> Run:
    say(f"  {server.title} …")
    disturbance = Disturbance()
    try:
        with tempfile.TemporaryDirectory(prefix="hark-bench-", ignore_cleanup_errors=True) as folder:
            async with asyncio.timeout(WITHIN_S):
                figures = await workload.measure(server, scale, Path(folder))
    except (BenchError, DevError, httpx.HTTPError, TimeoutError, OSError) as error:
        failure = str(error) or type(error).__name__
        say(f"    failed: {failure}")
        return Run(server=server.name, failure=failure)
    return Run(server=server.name, figures=figures, disturbed=round(disturbance.share(), 3))


async def _info(server: Server) -> ServerInfo:
    skipped = server.absent()
    if skipped is not None:
        return ServerInfo(name=server.name, title=server.title, skipped=skipped, install=server.install)
    return ServerInfo(name=server.name, title=server.title, version=await server.version())


def _check_machine() -> None:
    if platform.system() != "Linux":
        raise BenchError("the bench reads /proc and uses epoll: it runs on Linux only")
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        raise BenchError("the bench needs two processor cores: one for the server, one for everything else")


def machine() -> str:
    """What a reader must know of the machine; nothing that names it."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    kernel = ".".join(platform.release().split("-")[0].split(".")[:2])
    return f"{model}, {os.cpu_count()} cores, {round(memory / 1024**2)} GiB, Linux {kernel}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
