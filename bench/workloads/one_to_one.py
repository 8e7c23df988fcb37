"""Each message to one user, as chats and orders go."""

from pathlib import Path

from bench.failure import BenchError
from bench.figures import Figures, of_deliveries
from bench.load import Load, measure
from bench.server import Server
from bench.workload import Scale
from bench.workloads.columns import BESIDE, CPU, LATENCY, LOST, PER_S

IN_FLIGHT = 16
MESSAGES = 4_000  # for each a second of the server's pace


class OneToOne:
    """Hark stores each of them before it answers; no other server here does."""

    name = "one-to-one"
    title = f"One to one, {IN_FLIGHT} requests in flight"
    note = (
        "Hark's answer means that the notification is committed in Postgres; the others store nothing that outlives "
        "the process."
    )
    columns = (CPU, BESIDE, PER_S, *LATENCY, LOST)

    def suits(self, server: Server) -> bool:
        """The floor knows no users."""
        return server.name != "floor"

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        messages = max(scale.users, round(MESSAGES * server.pace * scale.effort))
        load = Load(conns=scale.users, messages=messages, window=IN_FLIGHT, each=True)
        async with server.start(folder) as running:
            if running.one is None:
                raise BenchError("it knows no users")
            report = await measure(running.one, load, servers=[running.pid], beside=running.beside)
        return of_deliveries(report)
