"""What is kept of a sitting."""

from pathlib import Path

import msgspec

from bench import report
from bench.figures import Sitting
from tests.bench.sample import sitting


def test_the_words_around_the_figures_stay() -> None:
    page = f"# Benchmarks\n\n{report.BEGIN}\nold\n{report.END}\n\nHow to read it\n"
    written = report.with_figures(page, sitting())
    assert written.startswith("# Benchmarks\n")
    assert written.endswith("How to read it\n")
    assert "old" not in written
    assert "| nchan (C) |" in written
    assert report.with_figures(written, sitting()) == written  # a second time changes nothing


def test_a_sitting_is_read_back_as_it_was(tmp_path: Path) -> None:
    report.keep(sitting(), tmp_path)
    kept = msgspec.json.decode((tmp_path / report.JSON).read_bytes(), type=Sitting)
    assert kept.tables[0].runs == sitting().tables[0].runs
    assert (tmp_path / report.PLOT).read_text().startswith("<svg")
