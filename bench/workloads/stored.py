"""One request, one notification, thousands of connected users: stored for each of them, then delivered. Hark only."""

from pathlib import Path

import msgspec

from bench.figures import Figures, of_deliveries
from bench.load import Load, measure
from bench.server import Server
from bench.servers.hark import Hark
from bench.workload import Scale
from bench.workloads.columns import BESIDE, CPU, LATENCY, LOST, PER_S

MESSAGES = 20
ACK = ("--ack", '{"t":"ack","seq":{s}}', "--ack-mark", '"seq":')


class Stored:
    """Postgres has a row for every user before the request is answered."""

    name = "stored"
    title = "A stored notification to {audience} connected users in one request"
    note = (
        "From the request to the last socket, the next request after the answer. The worker stores them, 1,000 in a "
        "commit: hub and worker are added up. The clients acknowledge nothing."
    )
    columns = (CPU, BESIDE, PER_S, *LATENCY, LOST)
    acknowledged = False

    def suits(self, server: Server) -> bool:
        """Who else stores?"""
        return isinstance(server, Hark)

    async def measure(self, _: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        users = msgspec.json.encode([f"u{number}" for number in range(scale.audience)]).decode()
        more = ACK if self.acknowledged else ()
        load = Load(conns=scale.audience, messages=max(3, round(MESSAGES * scale.effort)), more=more)
        async with Hark().start(folder) as hark:
            report = await measure(hark.stored(users), load, servers=[hark.pid, hark.worker], beside=hark.beside)
        return of_deliveries(report)


class Acknowledged(Stored):
    """The whole circle: each client says that it applied it, and hears that this is stored."""

    name = "acknowledged"
    title = "The same, acknowledged by every client"
    note = "Each client acknowledges each entry, and Postgres has that too."
    acknowledged = True
