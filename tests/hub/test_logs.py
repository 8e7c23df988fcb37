"""Logs: one event, one line."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    logs.configure(style="console", level="warning", process="test")


def test_in_production_a_line_is_a_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="info", process="hub")
    structlog.get_logger().info("attempt", seq=7)
    logging.getLogger("some.library").warning("it says %s", "so")
    ours, theirs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (ours["event"], ours["seq"], ours["level"], ours["process"]) == ("attempt", 7, "info", "hub")
    assert (theirs["event"], theirs["level"]) == ("it says so", "warning")


def test_a_traceback_is_one_line_and_shows_no_variables(capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("json", "console"):
        logs.configure(style=style, level="info", process="hub")
        secret = "-".join(["tell", "nobody"])
        try:
            int(secret[:0])
        except ValueError:
            structlog.get_logger().exception("broken")
        out = capsys.readouterr().out
        assert "ValueError" in out
        assert "tell-nobody" not in out
        assert style == "console" or out.count("\n") == 1


def test_quiet_below_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="warning", process="hub")
    structlog.get_logger().info("attempt")
    assert capsys.readouterr().out == ""
