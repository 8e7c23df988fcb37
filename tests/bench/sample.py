"""A sitting as three servers would have had it."""

from bench.figures import Column, Figures, Run, ServerInfo, Sitting, Table
from bench.workloads.columns import CPU, LOST

REPORT = (
    b'{"connections": 5000, "connect_failed": 1, "dropped": 0, "connects_per_s": 1300, "connect_cpu_us": 700.5,'
    b' "kib_per_connection": 17.3, "published": 60, "publish_refused": 0, "delivered": 299999, "missing": 2,'
    b' "seconds": 12.1, "deliveries_per_s": 24793, "cpu_us_per_delivery": 6.25, "beside_cpu_us_per_delivery": 0.0,'
    b' "p50_ms": 14.2, "p99_ms": 30.1, "p999_ms": 31.0, "max_ms": 32.5, "peak_mib": 120.0}\n'
)


def sitting() -> Sitting:
    broadcast = [
        Run(server="floor", figures=Figures(cpu_us=4.0, lost=0)),
        Run(server="hark", figures=Figures(cpu_us=6.0, lost=0)),
        Run(server="channels", failure="it did not start"),
        Run(server="nchan", figures=Figures(cpu_us=9.0, lost=1_234)),
    ]
    resume = [Run(server="hark", figures=Figures(seconds=8.84))]
    return Sitting(
        date="2026-11-20",
        machine="a processor, 2 cores, 24 GiB, Linux 6.18",
        quick=False,
        servers=[
            ServerInfo(name="floor", title="floor (C)", version="one send() a connection"),
            ServerInfo(name="hark", title="Hark", version="this tree"),
            ServerInfo(name="nchan", title="nchan (C)", version="nchan 1.3.6"),
            ServerInfo(name="channels", title="Channels", version="channels 4.3.2"),
            ServerInfo(name="centrifugo", title="Centrifugo", skipped="not here", install="fetch it"),
        ],
        tables=[
            Table(name="broadcast", title="Broadcast", note="To all.", columns=(CPU, LOST), runs=broadcast),
            Table(
                name="resume",
                title="Resume",
                note="",
                columns=(Column("seconds", "seconds", 1, compared=True),),
                runs=resume,
            ),
        ],
    )
