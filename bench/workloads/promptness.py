"""How long a notification takes from the request to the client's socket at a steady rate. Hark only."""

from pathlib import Path

from bench.figures import Figures
from bench.load import Load, measure
from bench.servers.hark import Hark
from bench.workload import Scale, Study
from bench.workloads.columns import HUB, LATENCY, LOST, PER_S, POSTGRES, VALKEY
from bench.workloads.sending import split

IN_FLIGHT = 64  # at most: the rate is below what that allows
SECONDS = 10


class Promptness(Study):
    """A case a rate."""

    name = "promptness"
    title = "From the request to the socket, at a steady rate"
    note = (
        "One notification a request, to connected users in turn, stored before it is delivered. Aim: p99 of 15 ms at "
        "2,000/s."
    )
    of = "rate"
    columns = (*LATENCY, HUB, POSTGRES, VALKEY, PER_S, LOST)
    cases = ("200/s", "1,000/s", "2,000/s", "4,000/s")

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        rate = int(case.removesuffix("/s").replace(",", ""))
        messages = round(rate * SECONDS * scale.effort)
        load = Load(conns=scale.users, messages=messages, rate=rate, window=IN_FLIGHT, each=True)
        async with Hark().start(folder) as hark:
            return split(await measure(hark.single(), load, servers=[hark.pid], beside=hark.others))
