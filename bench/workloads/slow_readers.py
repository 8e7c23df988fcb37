"""A thousand clients that read nothing, beside a thousand that do: what they cost the others, how much they hold, and
when the server lets them go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bench.figures import Column, Figures
from bench.footprint import Footprint, footprint
from bench.load import Load, Report, loading, measure
from bench.server import Running, Server
from bench.workload import Scale

RATE = 10.0  # messages a second
TEXT = "x" * 8_000  # 80 KB a second for each connection
USUAL_S = 10.0  # without the slow ones, to compare with
SECONDS = 30.0
FILLED_S = 5.0  # of it: by then every buffer that has a limit is full
LOOK_EVERY_S = 0.25
LEAVE_WITHIN_S = 10.0
OTHER_SOCKETS = 40  # a server's own: listening, database, broker, publishers


class SlowReaders:
    """The others' latency is compared with what it is without the slow ones."""

    name = "slow-readers"
    title = "{users} clients that read nothing, beside {users} that do"
    note = (
        f"{RATE:g} messages of 8 KB a second for {SECONDS:g} s. First the readers' latency after {FILLED_S:g} s, when "
        "every buffer that has a limit is full, and its ratio to that without the others. Then what one that reads "
        "nothing holds at most, and at the end; gone: when the server had closed them all (-: not within the run)."
    )
    columns = (
        Column("readers' p99 ms", "p99_ms", 1),
        Column("ratio", "ratio", 2),
        Column("KiB each, process", "kib", 1),
        Column("KiB each, kernel", "kernel_kib", 1),
        Column("KiB each at the end", "left_kib", 1),
        Column("gone after s", "seconds", 1),
        Column("lost by readers", "lost"),
    )

    def suits(self, server: Server) -> bool:
        """The floor knows no back-pressure; the slowest could not keep this rate."""
        return server.name != "floor" and server.pace * 4 > RATE

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        async with server.start(folder) as running:
            usual = await _readers(running, scale, seconds=USUAL_S)
            await _left(running)
            async with _deaf(running, scale):
                slow = await _readers(running, scale, seconds=SECONDS)

        def each(at_most: float, usually: float) -> float:
            return max(0.0, at_most - usually) / scale.users

        return Figures(
            p99_ms=slow.report.p99_ms,
            ratio=slow.report.p99_ms / usual.report.p99_ms if usual.report.p99_ms else None,
            kib=each(slow.peak.kib, usual.peak.kib),
            kernel_kib=each(slow.peak.kernel_kib, usual.peak.kernel_kib),
            left_kib=each(slow.end.all_kib, usual.end.all_kib),
            seconds=slow.gone_s,
            lost=slow.report.missing,
        )


class _Seen(NamedTuple):
    report: Report  # of those that read
    peak: Footprint
    end: Footprint
    gone_s: float | None


@asynccontextmanager
async def _deaf(running: Running, scale: Scale) -> AsyncIterator[None]:
    load = Load(conns=scale.users, first=scale.users, deaf=True, more=("--hold", "120"))
    async with loading(running.everyone, load) as client:
        await client.report()
        yield


async def _readers(running: Running, scale: Scale, *, seconds: float) -> _Seen:
    """They read for `seconds`, or a part of that in a quick sitting, while we watch the server."""
    warm = ("--warm", str(round(FILLED_S * scale.effort * RATE)))
    messages = round(seconds * scale.effort * RATE)
    load = Load(conns=scale.users, messages=messages, rate=RATE, text=TEXT, more=warm)
    try:
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(measure(running.everyone, load, servers=[running.pid]))
            peak, end, gone_s = await _watch(running.pid, scale.users, reading)
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    return _Seen(reading.result(), peak, end, gone_s)


async def _watch(pid: int, readers: int, reading: asyncio.Task[Report]) -> tuple[Footprint, Footprint, float | None]:
    """The most of each until `reading` ends, what there was last, and when only the readers' sockets were left."""
    clock = asyncio.get_running_loop().time
    started = clock()
    peak = now = Footprint(0, 0.0, 0.0)
    gone_s = None
    while not reading.done():
        last, now = now, await asyncio.to_thread(footprint, pid)
        peak = peak.or_more(now)
        if gone_s is None and peak.sockets > 2 * readers and now.sockets <= readers + OTHER_SOCKETS:
            gone_s = clock() - started
        await asyncio.wait([reading], timeout=LOOK_EVERY_S)
    return peak, last, gone_s


async def _left(running: Running) -> None:
    """Until the server has noticed that all clients went."""
    async with asyncio.timeout(LEAVE_WITHIN_S):
        while footprint(running.pid).sockets > OTHER_SOCKETS:  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(LOOK_EVERY_S)
