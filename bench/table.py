"""Tables of a sitting, as Markdown that is aligned for a terminal too. Pure."""

from collections.abc import Iterator, Sequence

from bench.figures import Column, Figures, Run, Sitting, Table, value

FLOOR = "floor"
HARK = "hark"
NOTHING = "-"
FAILED = "failed"
DISTURBED = 0.05


def ratio(part: float | None, whole: float | None) -> float | None:
    """How many times `whole` goes into `part`; None where that says nothing."""
    if part is None or not whole or whole < 0:
        return None
    return part / whole


def text(sitting: Sitting) -> str:
    """All tables, and what was skipped."""
    titles = {server.name: server.title for server in sitting.servers}
    parts = [part for table in sitting.tables for part in (f"### {table.title}", table.note, rows(table, titles))]
    return "\n\n".join([*parts, *skipped(sitting)])


def skipped(sitting: Sitting) -> Iterator[str]:
    """One line a server that was not there, with what would bring it."""
    for server in sitting.servers:
        if server.skipped is not None:
            yield f"Skipped: {server.title}, {server.skipped}. To have it: `{server.install}`"


def rows(table: Table, titles: dict[str, str]) -> str:
    """One table: a server a row; beside each compared figure its ratio to the floor's and to Hark's."""
    of = {run.server: run.figures for run in table.runs}
    heading = [table.of]
    for column in table.columns:
        heading += [column.heading, *(f"÷ {titles.get(name, name)}" for name in _references(column, of))]
    lines = [heading, *(_row(run, table.columns, of, titles) for run in table.runs)]
    return "\n\n".join([_aligned(lines), *_remarks(table, titles)])


def _remarks(table: Table, titles: dict[str, str]) -> Iterator[str]:
    for run in table.runs:
        title = titles.get(run.server, run.server)
        if run.failure is not None:
            yield f"{title} {FAILED}: {run.failure}"
        elif run.disturbed >= DISTURBED:
            yield f"{title} was disturbed: other programs used {run.disturbed:.0%} of the machine."


def _references(column: Column, of: dict[str, Figures | None]) -> list[str]:
    """Whom a compared figure is divided by: those of whom this table has it."""
    if not column.compared:
        return []
    several = len(of) > 1
    return [name for name in (FLOOR, HARK) if several and (value(of.get(name), column.figure) or 0.0) > 0.0]


def _row(run: Run, columns: Sequence[Column], of: dict[str, Figures | None], titles: dict[str, str]) -> list[str]:
    cells = [titles.get(run.server, run.server)]
    if run.figures is None:
        return [*cells, FAILED]
    for column in columns:
        figure = value(run.figures, column.figure)
        cells.append(number(figure, column.decimals))
        compared = (value(of[name], column.figure) for name in _references(column, of))
        cells += [number(ratio(figure, reference), 2) for reference in compared]
    return cells


def number(figure: float | None, decimals: int) -> str:
    """As a person reads it: 1,234.5."""
    return NOTHING if figure is None else f"{figure:,.{decimals}f}"


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    width = len(lines[0])
    full = [[*line, *[""] * (width - len(line))] for line in lines]
    widths = [max(len(line[place]) for line in full) for place in range(width)]
    rule = ["-" * widths[0], *("-" * (size - 1) + ":" for size in widths[1:])]
    out = []
    for line in [full[0], rule, *full[1:]]:
        first, *others = line
        cells = [first.ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(others, widths[1:], strict=True))]
        out.append(f"| {' | '.join(cells)} |")
    return "\n".join(out)
