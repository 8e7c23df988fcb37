"""What it costs to send: one by one and in batches, to users who are connected and to users who are not. Hark only."""

from pathlib import Path

import msgspec

from bench.figures import Figures, of_deliveries
from bench.load import Load, Report, measure
from bench.servers.hark import ITEM, USERS, Hark
from bench.workload import Scale, Study
from bench.workloads.columns import HUB, LOST, P50, P99, PER_S, POSTGRES, VALKEY, WORKER

SINGLES = 20_000
BULK = 100_000


class Shape(msgspec.Struct, frozen=True):
    """How it is sent."""

    in_flight: int  # requests
    items: int | None  # notifications in a request; None: one, by the call for one
    connected: bool

    @property
    def name(self) -> str:
        """In the table."""
        what = f"single, {self.in_flight} in flight" if self.items is None else f"batches of {self.items:,}"
        return f"{what}, {'connected' if self.connected else 'offline'}"


WAYS = ((1, None), (16, None), (64, None), (4, 100), (2, 1000))
SHAPES = [Shape(in_flight, items, connected) for connected in (True, False) for in_flight, items in WAYS]


class Sending(Study):
    """A case a way of sending."""

    name = "sending"
    title = "Sending, stored: one by one and in batches"
    note = (
        "Every notification goes to one user, the next one to the next; CPU is that for one notification. To "
        "connected users: until it is on the socket, and latency is that from the request to the socket. To offline "
        "ones (10,000): until the answer; their pushes are due at once, and the worker finds that they have no device. "
        "Aims: single 5,000/s and 110 µs of the hub, batches 20,000/s and 30 µs."
    )
    of = "sent"
    columns = (HUB, WORKER, POSTGRES, VALKEY, PER_S, P50, P99, LOST)
    cases = tuple(shape.name for shape in SHAPES)

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        shape = next(shape for shape in SHAPES if shape.name == case)
        wanted = (SINGLES if shape.items is None else BULK) * scale.effort * min(1.0, shape.in_flight / 4 + 0.25)
        load = Load(
            conns=scale.users if shape.connected else 0,
            messages=max(1, round(wanted / (shape.items or 1))),
            window=shape.in_flight,
            each=True,
            item=ITEM if shape.items is not None else None,
            items=shape.items or 1,
            targets=None if shape.connected else USERS,
            unheard=not shape.connected,
        )
        async with Hark().start(folder) as hark:
            dialogue = hark.single() if shape.items is None else hark.batch()
            return split(await measure(dialogue, load, servers=[hark.pid], beside=hark.others))


def split(report: Report) -> Figures:
    """With the CPU of each process."""
    postgres_us, valkey_us, worker_us = report.beside_each_us
    return msgspec.structs.replace(
        of_deliveries(report), postgres_us=postgres_us, valkey_us=valkey_us, worker_us=worker_us, beside_us=None
    )
