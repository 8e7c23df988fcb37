"""Keeping a sitting: its figures as JSON, its plot, and its tables between two marks of docs/benchmarks.md."""

from pathlib import Path

import msgspec

from bench import plot, table
from bench.figures import Sitting

JSON = "benchmarks.json"
PLOT = "benchmarks.svg"
PAGE = "benchmarks.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"


def keep(sitting: Sitting, folder: Path) -> None:
    """Writes all three; the page keeps what stands around its marks."""
    encoded = msgspec.json.format(msgspec.json.encode(sitting), indent=1)
    (folder / JSON).write_bytes(encoded + b"\n")
    (folder / PLOT).write_text(plot.svg(sitting))
    page = folder / PAGE
    page.write_text(with_figures(page.read_text() if page.exists() else f"{BEGIN}\n{END}\n", sitting))


def with_figures(page: str, sitting: Sitting) -> str:
    """The page with the sitting between its marks."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{figures(sitting)}\n\n{END}{after}"


def figures(sitting: Sitting) -> str:
    """When, where and with what; then the tables."""
    versions = [f"* {server.title}: {server.version}" for server in sitting.servers if server.version]
    machine = f"Measured on {sitting.date}: {sitting.machine}."
    return "\n\n".join([machine, "\n".join(versions), f"![The figures as a plot]({PLOT})", table.text(sitting)])
