"""Users who are offline, reached by push: what the worker needs for each. Hark only."""

import asyncio
import time
from pathlib import Path

import asyncpg
import httpx
from asyncpg import Connection, Record

from bench.failure import BenchError
from bench.figures import Column, Figures
from bench.footprint import cpu_s
from bench.place import SERVER_CORE
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale, Study
from bench.workloads.columns import LOST, POSTGRES, WORKER
from bench.workloads.simulated import PLATFORMS, customer, register, settings, simulator
from delivery.simulator.papers import Papers

USERS = 10_000
A_REQUEST = 1_000
WITHIN_S = 120.0

_REACHED = "select count(*) from entries where pushed_at is not null"


class Pushes(Study):
    """A case a channel."""

    name = "pushes"
    title = f"{USERS:,} users who are offline, one device each: sent to in {USERS // A_REQUEST} requests, and pushed"
    note = (
        "The worker has a core of its own; Postgres, Valkey and the simulated provider, which checks signatures and "
        "decrypts, share the other. CPU is that for one push; the time is from the first request until Postgres has it "
        "that the last one was accepted. Aims: 10 s, and 500 µs of the worker: 2,000 pushes a second and core."
    )
    of = "channel"
    columns = (Column("seconds until all are pushed", "seconds", 1), WORKER, POSTGRES, LOST)
    cases = tuple(PLATFORMS)

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        users = round(USERS * min(1.0, scale.effort))
        async with simulator(folder) as providers:
            hark = Hark(settings(providers, Papers(folder)), worker_core=SERVER_CORE)
            async with hark.start(folder) as running_hark, httpx.AsyncClient(base_url=providers.url) as devices:
                database = await asyncpg.connect(running_hark.database_url)
                async with customer(running_hark) as http:
                    await register(http, devices, [case], users)
                    figures = await _pushed(http, database, running_hark, users)
                await database.close()
                return figures


async def _pushed(http: httpx.AsyncClient, database: "Connection[Record]", hark: RunningHark, users: int) -> Figures:
    postgres = hark.beside[0]
    before = cpu_s(hark.worker), cpu_s(postgres)
    started = time.monotonic()
    for start in range(0, users, A_REQUEST):
        to = [f"u{number}" for number in range(start, min(users, start + A_REQUEST))]
        send = {"user_ids": to, "title": "New message", "message": "Are you still coming tonight?"}
        (await http.post("/api/v1/notifications", json=send)).raise_for_status()
    while (reached := await database.fetchval(_REACHED)) < users:
        if time.monotonic() > started + WITHIN_S:
            raise BenchError(f"only {reached} of {users} were pushed within {WITHIN_S:g} s")
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - started
    worker_s, postgres_s = (now - then for now, then in zip((cpu_s(hark.worker), cpu_s(postgres)), before, strict=True))
    return Figures(
        seconds=seconds, worker_us=1e6 * worker_s / users, postgres_us=1e6 * postgres_s / users, lost=users - reached
    )
