"""Sending while Redis hangs, and after it is back. Hark only."""

import asyncio
import os
import signal
from pathlib import Path

import msgspec

from bench.failure import BenchError
from bench.figures import Column, Figures, of_deliveries
from bench.load import Load, measure
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale, Study
from bench.workloads.columns import LATENCY, LOST

RATE = 200.0
IN_FLIGHT = 256
AWAY_S = 60.0
CONNECTED_S = 5.0  # then everybody is, and sending has begun
RECOVERED_S = 5.0
AFTER_S = 10.0


class RedisAway(Study):
    """A case a time."""

    name = "redis-away"
    title = f"Redis hangs for {AWAY_S:.0f} s under {RATE:.0f} notifications a second"
    note = (
        "Valkey is stopped (SIGSTOP) and goes on later: connections stay open and nobody answers, which is harder "
        "than a refused one. Latency is that from the request to the socket. Aims: no send refused, p99 of 2 s "
        "meanwhile, and as ever 5 s after its return."
    )
    of = "when"
    columns = (*LATENCY, Column("sends refused", "refused"), LOST)
    cases = ("meanwhile", "from 5 s after its return")

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        async with Hark().start(folder) as hark:
            if case == "meanwhile":
                sending = asyncio.create_task(_send(hark, scale, AWAY_S * scale.effort))
                await asyncio.sleep(CONNECTED_S)
                await _away(hark.beside[1], AWAY_S * scale.effort)
                return await sending
            await _away(hark.beside[1], AWAY_S * scale.effort / 3)
            await asyncio.sleep(RECOVERED_S)
            return await _send(hark, scale, AFTER_S)


async def _send(hark: RunningHark, scale: Scale, seconds: float) -> Figures:
    load = Load(conns=scale.users, messages=round(RATE * seconds), rate=RATE, window=IN_FLIGHT, each=True)
    report = await measure(hark.single(), load, servers=[hark.pid], beside=hark.others)
    return msgspec.structs.replace(of_deliveries(report), refused=report.publish_refused)


async def _away(valkey: int, seconds: float) -> None:
    try:
        os.kill(valkey, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(valkey, signal.SIGCONT)
    except ProcessLookupError:
        raise BenchError("Valkey ended") from None
