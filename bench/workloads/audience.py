"""What a delivery costs by how many users one notification goes to. Hark only."""

from pathlib import Path

import msgspec

from bench.figures import Figures
from bench.load import Load, measure
from bench.servers.hark import Hark
from bench.workload import Scale, Study
from bench.workloads.columns import HUB, LOST, P50, P99, PER_S, POSTGRES, VALKEY, WORKER
from bench.workloads.sending import split

DELIVERIES = 60_000
AUDIENCES = {f"to {users:,} user{'s' if users > 1 else ''}": users for users in (1, 10, 100, 1_000, 5_000)}


class Audience(Study):
    """A case an audience."""

    name = "audience"
    title = "One notification to many connected users"
    note = (
        "CPU is that for one delivery, and latency that from the request to each socket; two requests are in flight. "
        "More than 1,000 users are the worker's to store, after the answer."
    )
    of = "sent"
    columns = (HUB, WORKER, POSTGRES, VALKEY, PER_S, P50, P99, LOST)
    cases = tuple(AUDIENCES)

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        users = AUDIENCES[case]
        ids = msgspec.json.encode([f"u{number}" for number in range(users)]).decode()
        wanted = DELIVERIES * scale.effort * min(1.0, users / 10)  # one at a time is slow
        load = Load(conns=users, messages=max(3, round(wanted / users)), window=2)
        async with Hark().start(folder) as hark:
            return split(await measure(hark.stored(ids), load, servers=[hark.pid], beside=hark.others))
