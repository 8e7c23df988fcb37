"""One sitting: every workload at every server, one after the other."""

import asyncio
import datetime
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import httpx

from bench.compiled import compiled
from bench.disturbance import Disturbance
from bench.failure import BenchError
from bench.figures import Figures, Run, ServerInfo, Sitting, Table
from bench.place import CLIENT_CORE, SERVER_CORE
from bench.server import Server
from bench.table import HARK, rows
from bench.workload import FULL, QUICK, Scale, Study, Workload
from hub.dev.errors import DevError

WITHIN_S = 300.0  # one workload at one server

Say = Callable[[str], None]
Measure = Callable[[Scale, Path], Awaitable[Figures]]


async def sit(servers: Sequence[Server], workloads: Sequence[Workload | Study], *, quick: bool, say: Say) -> Sitting:
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


async def _table(workload: Workload | Study, servers: Sequence[Server], scale: Scale, say: Say) -> Table:
    title = workload.title.format(audience=f"{scale.audience:,}", idle=f"{scale.idle:,}", users=f"{scale.users:,}")
    say(title)
    titles = {server.name: server.title for server in servers}
    of = workload.of if isinstance(workload, Study) else "server"
    runs = []
    for subject, measure in _subjects(workload, servers):
        say(f"  {titles.get(subject, subject)} …")
        runs.append(await _run(subject, measure, scale, say))
    measured = Table(name=workload.name, title=title, note=workload.note, columns=workload.columns, runs=runs, of=of)
    say(f"\n{rows(measured, titles)}\n")
    return measured


def _subjects(workload: Workload | Study, servers: Sequence[Server]) -> Iterator[tuple[str, Measure]]:
    """What the rows are, and how each is measured."""
    if isinstance(workload, Study):
        if any(server.name == HARK for server in servers):
            for case in workload.cases:
                yield case, partial(workload.measure, case)
    else:
        for server in servers:
            if workload.suits(server):
                yield server.name, partial(workload.measure, server)


async def _run(subject: str, measure: Measure, scale: Scale, say: Say) -> Run:
    disturbance = Disturbance()
    try:
        with tempfile.TemporaryDirectory(prefix="hark-bench-", ignore_cleanup_errors=True) as folder:
            async with asyncio.timeout(WITHIN_S):
                figures = await measure(scale, Path(folder))
    except (BenchError, DevError, httpx.HTTPError, TimeoutError, OSError) as error:
        failure = str(error) or type(error).__name__
        say(f"    failed: {failure}")
        return Run(server=subject, failure=failure)
    return Run(server=subject, figures=figures, disturbed=round(disturbance.share(), 3))


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
