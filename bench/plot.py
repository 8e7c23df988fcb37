"""The plot of a sitting: one panel a figure, a dot a server on a logarithmic scale. SVG by hand; pure."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from bench.figures import Sitting, value
from bench.table import HARK, number

PANELS = (  # workload, figure, heading, decimals
    ("broadcast", "cpu_us", "Broadcast, paced: CPU µs a delivery", 1),
    ("back-to-back", "cpu_us", "Broadcast, back to back: CPU µs a delivery", 1),
    ("one-to-one", "cpu_us", "One to one: CPU µs a delivery (Hark's is stored)", 0),
    ("connections", "kib", "Idle connection: KiB", 1),
    ("connections", "cpu_us", "Connect: CPU µs", 0),
    ("sending", "cpu_us", "Sending, stored: the hub's CPU µs a notification", 0),
    ("audience", "cpu_us", "One notification to many: the hub's CPU µs a delivery", 0),
)
PANEL_WIDTH, NAMES_WIDTH, NUMBER_WIDTH = 560, 240, 60
HEADING_HEIGHT, ROW_HEIGHT, GAP = 34, 22, 18
COLUMNS = 2

STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f }
.heading { font-weight: 600 }
.line { stroke: #d0d7de } .dot { fill: #8c959f }
.hark { fill: #bf3989; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .line { stroke: #30363d } .dot { fill: #7d8590 } .hark { fill: #f778ba }
}"""


class Point(NamedTuple):
    """One server's figure."""

    title: str
    figure: float
    is_hark: bool


class Panel(NamedTuple):
    """One figure of all servers that have it, the best first."""

    heading: str
    decimals: int
    points: Sequence[Point]


def panels(sitting: Sitting) -> list[Panel]:
    """Those of PANELS that the sitting has figures for."""
    titles = {server.name: server.title for server in sitting.servers}
    tables = {table.name: table for table in sitting.tables}
    found = []
    for workload, figure, heading, decimals in PANELS:
        runs = tables[workload].runs if workload in tables else ()
        measured = [(run.server, value(run.figures, figure) or 0.0) for run in runs]
        points = [_of(name, amount, titles) for name, amount in measured if amount > 0]
        if points:
            found.append(Panel(heading, decimals, sorted(points, key=lambda point: point.figure)))
    return found


def _of(name: str, amount: float, titles: dict[str, str]) -> Point:
    """A case of a study is Hark's."""
    return Point(titles.get(name, name), amount, name == HARK or name not in titles)


def svg(sitting: Sitting) -> str:
    """The picture; lower is better everywhere."""
    shown = panels(sitting)
    height = max((_height(panel) for panel in shown), default=0)
    parts = []
    for place, panel in enumerate(shown):
        x, y = place % COLUMNS * (PANEL_WIDTH + GAP), place // COLUMNS * (height + GAP)
        parts.append(f'<g transform="translate({x} {y})">\n{_panel(panel)}\n</g>')
    width = COLUMNS * (PANEL_WIDTH + GAP) - GAP
    full_height = math.ceil(len(shown) / COLUMNS) * (height + GAP)
    title = f"Hark and its peers on one core, {sitting.date}; lower is better; logarithmic scales"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {full_height}" width="{width}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}\n</style>\n{body}\n</svg>\n"
    )


def position(figure: float, low: float, high: float) -> float:
    """Between 0 and 1 on the logarithmic scale from `low` to `high`."""
    return 0.5 if high <= low else math.log(figure / low) / math.log(high / low)


def _height(panel: Panel) -> int:
    return HEADING_HEIGHT + ROW_HEIGHT * len(panel.points)


def _panel(panel: Panel) -> str:
    low, high = panel.points[0].figure, panel.points[-1].figure
    parts = [f'<text class="heading" x="0" y="18">{escape(panel.heading)}</text>']
    for place, point in enumerate(panel.points):
        y = HEADING_HEIGHT + ROW_HEIGHT * place + ROW_HEIGHT // 2
        x = NAMES_WIDTH + position(point.figure, low, high) * (PANEL_WIDTH - NAMES_WIDTH - NUMBER_WIDTH) + 8
        parts.append(_point(point, number(point.figure, panel.decimals), x=x, y=y))
    return "\n".join(parts)


def _point(point: Point, label: str, *, x: float, y: int) -> str:
    kind = ' class="hark"' if point.is_hark else ""
    dot = "hark" if point.is_hark else "dot"
    return (
        f'<text{kind} x="{NAMES_WIDTH - 8}" y="{y + 4}" text-anchor="end">{escape(point.title)}</text>'
        f'<line class="line" x1="{NAMES_WIDTH}" x2="{x:.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="{dot}" cx="{x:.1f}" cy="{y}" r="5"/>'
        f'<text{kind} x="{x + 10:.1f}" y="{y + 4}">{label}</text>'
    )
