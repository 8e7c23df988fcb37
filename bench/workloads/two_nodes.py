"""Two hubs on one Postgres and one Valkey: everybody is connected to one, all is sent to the other. Hark only."""

from pathlib import Path

import msgspec

from bench.dialogue import Dialogue
from bench.figures import Figures, of_deliveries
from bench.load import Load, measure
from bench.server import Server
from bench.servers.hark import Hark, RunningHark
from bench.workload import Scale
from bench.workloads.broadcast import PACED_S
from bench.workloads.columns import BESIDE, CPU, LATENCY, LOST, PER_S
from bench.workloads.one_to_one import IN_FLIGHT, MESSAGES


class TwoNodes:
    """Stored, one to one."""

    name = "two-nodes"
    title = f"Two nodes: one to one across them, {IN_FLIGHT} requests in flight"
    note = "Sent at one hub, received at the other; both share the server's core, and their CPU is added up."
    columns = (CPU, BESIDE, PER_S, *LATENCY, LOST)

    def suits(self, server: Server) -> bool:
        """It is about Hark's bus."""
        return isinstance(server, Hark)

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        messages = max(scale.users, round(MESSAGES * server.pace * scale.effort))
        load = Load(conns=scale.users, messages=messages, window=IN_FLIGHT, each=True)
        async with Hark().start_nodes(folder, count=2) as [here, there]:
            return await _across(here, there, here.one or here.everyone, load)


class TwoNodesBroadcast:
    """Ephemeral, to all."""

    name = "two-nodes-broadcast"
    title = "Two nodes: broadcast to {audience} connections across them, paced"
    note = "As above, to a topic that everybody has joined at the other hub."
    columns = (CPU, BESIDE, *LATENCY, LOST)

    def suits(self, server: Server) -> bool:
        """It is about Hark's bus."""
        return isinstance(server, Hark)

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        messages = max(3, round(PACED_S * server.pace * scale.effort))
        load = Load(conns=scale.audience, messages=messages, rate=server.pace)
        async with Hark().start_nodes(folder, count=2) as [here, there]:
            return await _across(here, there, here.everyone, load)


async def _across(here: RunningHark, there: RunningHark, said: Dialogue, load: Load) -> Figures:
    """`said` is what is said here; its sockets are opened there."""
    elsewhere = msgspec.structs.replace(said, socket=there.everyone.socket)
    return of_deliveries(await measure(elsewhere, load, servers=[here.pid, there.pid], beside=here.beside))
