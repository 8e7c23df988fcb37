"""A notification to a large topic, and what single sends notice of it. Hark only."""

import asyncio
from pathlib import Path

import asyncpg
import httpx
import msgspec

from bench.failure import BenchError
from bench.figures import Column, Figures
from bench.load import Load, measure
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale, Study
from bench.workloads.columns import HUB, LATENCY, LOST, POSTGRES, VALKEY, WORKER
from bench.workloads.sending import split

MEMBERS = 100_000
A_CALL = 10_000
RATE = 200.0
LOOK_S = 0.2
SINGLES_S = 10.0

_FINISHED = "select extract(epoch from finished_at - created_at)::float8 from audiences where notification_id = $1"


class LargeTopic(Study):
    """A case: the singles alone, the topic alone, both."""

    name = "large-topic"
    title = f"A notification to a topic of {MEMBERS:,} members, and single sends beside it"
    note = (
        f"Singles go to connected users, {RATE:.0f} a second, and latency is theirs, from the request to the socket. "
        "Nobody of the topic is connected, and it was sent to before. All but the hub shares one core. Aims: stored "
        "within 10 s; the singles' p99 at most twice what it is alone."
    )
    of = "what"
    columns = (Column("seconds until all are stored", "seconds", 1), *LATENCY, HUB, WORKER, POSTGRES, VALKEY, LOST)
    cases = ("singles alone", "topic alone", "both at once")

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        members = round(MEMBERS * min(1.0, scale.effort))
        load = Load(conns=scale.users, messages=round(RATE * SINGLES_S), rate=RATE, window=16, each=True)
        if case == "topic alone":
            load = msgspec.structs.replace(load, messages=round(RATE), first=0)
        async with Hark().start(folder) as hark, _api(hark) as api:
            if case != "singles alone":
                await _fill(api, members)
                await _warm(api, hark)
            sending = asyncio.create_task(measure(hark.single(), load, servers=[hark.pid], beside=hark.others))
            if case == "singles alone":
                return split(await sending)
            if case == "topic alone":
                await sending
                return Figures(seconds=await _sent(api, hark))
            await asyncio.sleep(4.0)  # they are connected, and sending
            seconds = await _sent(api, hark)
            return msgspec.structs.replace(split(await sending), seconds=seconds, cpu_us=None)


def _api(hark: RunningHark) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=hark.url, headers={"Authorization": f"Bearer {hark.api_key}"}, timeout=30.0)


async def _fill(api: httpx.AsyncClient, members: int) -> None:
    (await api.put("/api/v1/topics/large")).raise_for_status()
    for start in range(0, members, A_CALL):
        add = [f"member-{number}" for number in range(start, min(members, start + A_CALL))]
        (await api.patch("/api/v1/topics/large/members", json={"add": add})).raise_for_status()


async def _warm(api: httpx.AsyncClient, hark: RunningHark) -> None:
    """Sends it once before: a Postgres that has run for a while writes its log into old files, and makes none."""
    await _sent(api, hark)
    database = await asyncpg.connect(hark.database_url)
    try:
        while await database.fetchval("select count(*) from entries where due_at is not null"):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        await database.execute("checkpoint")
    finally:
        await database.close()


async def _sent(api: httpx.AsyncClient, hark: RunningHark) -> float:
    """Seconds from the acceptance until the last entry is stored."""
    answer = await api.post("/api/v1/notifications", json={"topic": "large", "title": "To all"})
    notification_id = answer.raise_for_status().json()["notification_id"]
    database = await asyncpg.connect(hark.database_url)
    try:
        while (seconds := await database.fetchval(_FINISHED, notification_id)) is None:  # noqa: ASYNC110 - not ours
            await asyncio.sleep(LOOK_S)
    finally:
        await database.close()
    if not isinstance(seconds, float):
        raise BenchError("no time was written down")
    return seconds
