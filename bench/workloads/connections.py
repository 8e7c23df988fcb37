"""Opening connections as fast as they are taken, and keeping them: what one costs to open, and to have."""

from pathlib import Path

from bench.figures import Column, Figures
from bench.load import Load, measure
from bench.server import Server
from bench.workload import Scale

SETTLE_S = 3.0
IN_FLIGHT = 64  # handshakes


class Connections:
    """A storm of new clients, then silence."""

    name = "connections"
    title = "{idle} connections opened at once, then idle"
    note = (
        f"{IN_FLIGHT} handshakes in flight. Hark's connect includes the hello with its signed token, the inbox's "
        "position from Postgres and the subscription at Valkey; the others authenticate nobody. Memory is that of the "
        "server's processes (PSS)."
    )
    columns = (
        Column("KiB a connection", "kib", 1, compared=True),
        Column("CPU µs a connect", "cpu_us", compared=True),
        Column("connects/s", "per_s"),
        Column("refused", "lost"),
    )

    def suits(self, _: Server) -> bool:
        """Every server can."""
        return True

    async def measure(self, server: Server, scale: Scale, folder: Path) -> Figures:
        """See Workload."""
        load = Load(conns=scale.idle, settle_s=SETTLE_S, burst=IN_FLIGHT)
        async with server.start(folder) as running:
            dialogue = running.one or running.everyone
            report = await measure(dialogue, load, servers=[running.pid])
        return Figures(
            kib=report.kib_per_connection,
            cpu_us=report.connect_cpu_us,
            per_s=report.connects_per_s,
            lost=report.connect_failed + report.dropped,
        )
