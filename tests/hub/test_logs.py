"""Logs: one event, one line."""

import asyncio
import gc
import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import asyncpg
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


FORGED = (
    "/x\r\n2026-11-20T12:00:00Z [info     ] key.created \x1b[2J\x1b]0;x\x07\x9b31m\u2028\u202e\x85\x0b\x1c\x7f\ud800"
)


@pytest.mark.parametrize("style", ["json", "console"])
def test_what_strangers_have_us_say_is_on_the_line_it_belongs_to(
    style: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(style=style, level="info", process="hub")
    structlog.get_logger().info("api.failed", path=FORGED, short=FORGED[4:8], several=[FORGED])
    logging.getLogger("some.library").warning("no path %s", FORGED)
    out, _ = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert all(character.isprintable() for line in out.split("\n") for character in line)
    assert out.count("key.created") == 3


def _stumble() -> None:
    raise TypeError(FORGED)


@pytest.mark.parametrize("style", ["json", "console"])
def test_nor_does_what_they_have_us_raise(
    style: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(style=style, level="info", process="hub")
    try:
        _stumble()
    except TypeError:
        structlog.get_logger().exception("broken")
    first, *rest = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert all(character.isprintable() for line in (first, *rest) for character in line)
    assert "broken" in first
    assert all(line.startswith("  ") for line in rest)
    assert any("key.created" in line for line in (first, *rest))


QUOTED = "a-text-that-somebody-sent"


@pytest.mark.parametrize("style", ["json", "console"])
async def test_what_an_exception_quotes_is_told_nowhere(
    style: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(style=style, level="info", process="hub")
    group = ExceptionGroup(QUOTED, [KeyError(QUOTED), asyncpg.CheckViolationError(QUOTED)])
    group.__cause__ = PermissionError(13, QUOTED, QUOTED)
    group.add_note(QUOTED)
    for log in (structlog.get_logger(), logging.getLogger("some.library")):
        log.error("broken", exc_info=group)
    sys.excepthook(type(group), group, None)
    task = asyncio.ensure_future(_raising(group))
    await asyncio.wait([task])
    del task
    gc.collect()
    out = capsys.readouterr().out
    assert out.count("ExceptionGroup") == 4
    for kind in ("PermissionError: Permission denied", "KeyError", "CheckViolationError"):
        assert out.count(kind) == 4
    assert "Task exception was never retrieved" in out
    assert QUOTED not in out


async def _raising(error: Exception) -> None:
    raise error


def test_quiet_below_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="warning", process="hub")
    structlog.get_logger().info("attempt")
    assert capsys.readouterr().out == ""
