"""Tables as a person reads them."""

from bench import table
from tests.bench.sample import sitting

TITLES = {"floor": "floor (C)", "hark": "Hark", "nchan": "nchan (C)", "channels": "Channels"}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_compared_figure_has_its_ratios_beside_it() -> None:
    lines = table.rows(sitting().tables[0], TITLES).splitlines()
    assert cells(lines[0]) == ["server", "CPU µs a delivery", "÷ floor (C)", "÷ Hark", "lost"]
    assert cells(lines[3]) == ["Hark", "6.0", "1.50", "1.00", "0"]
    assert cells(lines[5]) == ["nchan (C)", "9.0", "2.25", "1.50", "1,234"]


def test_a_server_that_failed_says_why_below() -> None:
    rows = table.rows(sitting().tables[0], TITLES)
    assert cells(rows.splitlines()[4])[:2] == ["Channels", "failed"]
    assert rows.endswith("Channels failed: it did not start")


def test_who_is_alone_is_compared_with_nobody() -> None:
    lines = table.rows(sitting().tables[1], TITLES).splitlines()
    assert [cells(line) for line in (lines[0], lines[2])] == [["server", "seconds"], ["Hark", "8.8"]]


def test_columns_are_aligned() -> None:
    lines = table.rows(sitting().tables[0], TITLES).splitlines()[:6]
    assert len({len(line) for line in lines}) == 1


def test_a_peer_that_is_not_there_is_named_with_what_would_bring_it() -> None:
    assert list(table.skipped(sitting())) == ["Skipped: Centrifugo, not here. To have it: `fetch it`"]


def test_a_ratio_to_nothing_says_nothing() -> None:
    assert table.ratio(1.0, 0.0) is None
    assert table.ratio(None, 2.0) is None
    assert table.ratio(3.0, 2.0) == 1.5
