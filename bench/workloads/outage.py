"""One provider is down for a minute: who calls it meanwhile, and what another channel feels of it. Hark only."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import asyncpg
import httpx
import msgspec
from asyncpg import Connection, Record

from bench.figures import Column, Figures
from bench.load import Load, measure
from bench.place import SERVER_CORE
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale, Study
from bench.workloads.columns import LOST, P50, P99
from bench.workloads.simulated import customer, register, settings, simulator
from delivery.simulator.papers import Papers

RATE = 100.0  # over each channel
IN_FLIGHT = 64  # at most: the rate is far below what that allows
WARM_S = 2.0  # then there are calls in flight
DOWN_S = 60.0
RETRY_AFTER_S = 5
SLACK_S = 0.1  # between a call and what is written of it; whoever called before is in flight as long, too
WITHIN_S = 60.0  # of its end all are reached

ALONE, BESIDE, DOWN = "alone", "beside FCM", "beside FCM, which is down"

_UNREACHED = "select count(*) from entries where pushed_at is null"
_CALLS = """
with calls as (
    select started_at, finished_at, finished_at + $1 * interval '1 second' as until from attempts
    where channel = 'fcm' and outcome = 'unavailable'
), broke as (select min(finished_at) + $2 * interval '1 second' as at from calls)
select count(*) as all,
       count(*) filter (where started_at > broke.at and exists (
           select from calls told
           where calls.started_at between told.finished_at and told.until - $2 * interval '1 second'
       )) as early
from calls, broke
"""


class Outage(Study):
    """A case a state of the other provider."""

    name = "outage"
    title = f"{RATE:.0f} pushes a second over APNs, and FCM is down for {DOWN_S:.0f} s"
    note = (
        f"FCM has as many, and answers each call with 503 and Retry-After {RETRY_AFTER_S}. Latency is that from the "
        "request to the simulated APNs. Calls too early are those made before a Retry-After that was heard was over; "
        "what was in flight when it broke is none. Lost is who was not reached within a minute of its end. Aims: "
        "none too early, none lost, and APNs as when it is alone, + 5 %."
    )
    of = "APNs"
    columns = (P50, P99, Column("FCM's 503s", "calls"), Column("calls too early", "early"), LOST)
    cases = (ALONE, BESIDE, DOWN)

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        channels = ["apns"] if case == ALONE else ["apns", "fcm"]
        async with simulator(folder) as providers:
            hark = Hark(settings(providers, Papers(folder)), worker_core=SERVER_CORE)
            async with hark.start(folder) as running_hark, httpx.AsyncClient(base_url=providers.url) as devices:
                async with customer(running_hark) as http:
                    tokens = await register(http, devices, channels, scale.users * len(channels))
                down_s = DOWN_S * scale.effort
                sending = asyncio.create_task(_send(running_hark, len(tokens), RATE * len(channels), WARM_S + down_s))
                if case == DOWN:
                    await _down(devices, down_s)
                await sending
                database = await asyncpg.connect(running_hark.database_url)
                lost = await _unreached(database)
                calls, early = await database.fetchrow(_CALLS, RETRY_AFTER_S, SLACK_S) or (0, 0)
                await database.close()
                took = await _took_ms(devices, tokens[:: len(channels)])
        return Figures(p50_ms=_share(took, 0.5), p99_ms=_share(took, 0.99), calls=calls, early=early, lost=lost)


async def _send(hark: RunningHark, users: int, rate: float, seconds: float) -> None:
    load = Load(
        conns=0, messages=round(rate * seconds), rate=rate, window=IN_FLIGHT, each=True, targets=users, unheard=True
    )
    await measure(hark.single(), load, servers=[hark.pid], beside=hark.others)


async def _down(devices: httpx.AsyncClient, seconds: float) -> None:
    fault = {"channel": "fcm", "status": 503, "retry_after_s": RETRY_AFTER_S, "times": 0}
    await asyncio.sleep(WARM_S)
    (await devices.post("/faults", json=fault)).raise_for_status()
    await asyncio.sleep(seconds)
    (await devices.delete("/faults")).raise_for_status()


async def _unreached(database: "Connection[Record]") -> int:
    """How many are not reached in the end."""
    until = time.monotonic() + WITHIN_S
    while True:
        unreached: int = await database.fetchval(_UNREACHED)
        if not unreached or time.monotonic() > until:
            return unreached
        await asyncio.sleep(0.1)


class _Sent(msgspec.Struct, frozen=True):
    t: int  # nanoseconds of this machine's steady clock


class _Hark(msgspec.Struct, frozen=True):
    data: _Sent


class _Payload(msgspec.Struct, frozen=True):
    hark: _Hark


class _Delivery(msgspec.Struct, frozen=True):
    payload: _Payload
    at: datetime


async def _took_ms(devices: httpx.AsyncClient, tokens: Sequence[str]) -> list[float]:
    """From each send to its receipt, the shortest first."""
    began = time.time() - time.monotonic()  # of the steady clock
    took: list[float] = []
    for token in tokens:
        answer = await devices.get("/deliveries", params={"token": token})
        deliveries = msgspec.json.decode(answer.content, type=list[_Delivery])
        took += [1e3 * (each.at.timestamp() - began) - each.payload.hark.data.t / 1e6 for each in deliveries]
    return sorted(took)


def _share(ascending: Sequence[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]
