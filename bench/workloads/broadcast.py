"""One message to everybody who is connected, stored nowhere: a topic, a room, a group, a channel."""

from pathlib import Path

from bench.figures import Figures, of_deliveries
from bench.load import Load, measure
from bench.server import Server
from bench.workload import Scale
from bench.workloads.columns import CPU, LATENCY, LOST, PER_S

PACED_S = 12.0
BACK_TO_BACK = 40  # messages, for each a second of the server's pace
FEWEST = 3


class Paced:
    """Each message has the server to itself: the cost of one write a connection."""

    name = "broadcast"
    title = "Broadcast to {audience} connections, paced"
    note = "Each message has the server to itself: this is what one write a connection costs."
    columns = (CPU, *LATENCY, LOST)

    def suits(self, _: Server) -> bool:
        """Every server can."""
        return True

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        messages = max(FEWEST, round(PACED_S * server.pace * scale.effort))
        load = Load(conns=scale.audience, messages=messages, rate=server.pace)
        async with server.start(folder) as running:
            report = await measure(running.everyone, load, servers=[running.pid], beside=running.beside)
        return of_deliveries(report)


class BackToBack:
    """Messages wait for each other: how well a server joins what it has for one connection."""

    name = "back-to-back"
    title = "Broadcast to {audience} connections, back to back"
    note = (
        "The next request follows the answer to the last one: where messages wait for each other, a server that writes "
        "several of them to a connection at once saves work. Latency is that of a queue that is full on purpose."
    )
    columns = (CPU, PER_S, *LATENCY, LOST)

    def suits(self, _: Server) -> bool:
        """Every server can."""
        return True

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        messages = max(FEWEST, round(BACK_TO_BACK * server.pace * scale.effort))
        load = Load(conns=scale.audience, messages=messages)
        async with server.start(folder) as running:
            report = await measure(running.everyone, load, servers=[running.pid], beside=running.beside)
        return of_deliveries(report)
