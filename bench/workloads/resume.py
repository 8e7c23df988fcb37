"""All clients are cut at once, miss a notification, come back within a second and get it; another is sent meanwhile."""

import asyncio
import itertools
from pathlib import Path

import httpx
import msgspec

from bench.dialogue import TEXT
from bench.figures import Column, Figures
from bench.load import Client, Load, loading
from bench.server import Server
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale

USERS_A_REQUEST = 2_500
MEANWHILE_S = 0.4  # into the storm
MISSED = 2  # while they were away, and in the storm
RESUME = '{"t":"hello","token":"{line}","cursor":"{cursor}"}'


class Resume:
    """Each client says its cursor; the hub reads what followed it from Postgres."""

    name = "resume"
    title = "{idle} clients cut at once, all resumed"
    note = (
        "They come back within one second, each with its cursor. One notification to all was stored while they were "
        "away, another while they came; every client must get both, once."
    )
    columns = (
        Column("seconds until the last one has everything", "seconds", 1),
        Column("CPU µs a resume", "cpu_us", compared=True),
        Column("lost", "lost"),
        Column("twice", "twice"),
    )

    def suits(self, server: Server) -> bool:
        """The others resume differently, or not at all."""
        return isinstance(server, Hark)

    async def measure(self, _: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        more = ("--resume", RESUME, "--cursor", '"cursor":"', "--missed", str(MISSED))
        load = Load(conns=scale.idle, more=more)
        async with Hark().start(folder) as hark, _back_end(hark) as http:
            await _send_to_all(http, scale.idle)
            dialogue = hark.one or hark.everyone
            async with loading(dialogue, load, servers=[hark.pid]) as client:
                return await _storm(client, http, scale.idle)


async def _storm(client: Client, http: httpx.AsyncClient, users: int) -> Figures:
    await client.report()
    await client.cut()
    await _send_to_all(http, users)
    await client.resume()
    await asyncio.sleep(MEANWHILE_S)
    await _send_to_all(http, users)
    resumed = await client.resumed()
    return Figures(seconds=resumed.seconds, cpu_us=resumed.cpu_us_per_resume, lost=resumed.lost, twice=resumed.twice)


def _back_end(hark: RunningHark) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {hark.api_key}"}
    return httpx.AsyncClient(base_url=hark.url, headers=headers, timeout=30.0)


async def _send_to_all(http: httpx.AsyncClient, users: int) -> None:
    numbers = iter(range(users))
    while some := [f"u{number}" for number in itertools.islice(numbers, USERS_A_REQUEST)]:
        clock = asyncio.get_running_loop().time()  # CLOCK_MONOTONIC, as the load client's
        content = {"user_ids": some, "title": "New message", "message": TEXT, "data": {"t": round(clock * 1e9)}}
        answer = await http.post("/api/v1/notifications", content=msgspec.json.encode(content), headers=_JSON)
        answer.raise_for_status()


_JSON = {"Content-Type": "application/json"}
