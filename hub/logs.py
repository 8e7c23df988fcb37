"""Logs: one event, one line, on stdout. JSON in production, readable in development. Ids as fields; never a body, a
token or an address, not in the text of an exception either."""

import logging
import os
import sys
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType
from typing import Literal, TextIO

import structlog

from hub.visible import visible

# Their lines repeat ours, or carry query strings, URLs and headers.
QUIET = ("uvicorn.access", "arq", "asyncio", "websockets", "httpx", "httpcore", "hpack")

# Theirs speak of code. What others say may quote what somebody sent: a row that Postgres refused, a key, a URL.
_OF_CODE = (AssertionError, AttributeError, ImportError, NameError, TypeError)


def configure(*, style: Literal["json", "console"], level: str, process: str) -> None:
    """Sets up structlog and routes the standard library's loggers through it; called once by a composition root."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    for_a_person = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(),
        pad_event_to=0,
        exception_formatter=_traceback,
    )
    renderers: list[structlog.typing.Processor] = (
        [_AS_TOLD, structlog.processors.JSONRenderer()] if style == "json" else [_visibly, for_a_person]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_objects],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in (*QUIET, "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
    sys.excepthook = _uncaught


def _visibly(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What strangers have us say, such as a path, neither forges a line nor speaks to the terminal. JSON escapes it."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}


def _without_objects(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What asyncio says; behind its first line it shows tasks and what they raised."""
    if event["_record"].name == "asyncio":
        event["event"] = event["event"].partition("\n")[0]
    return event


def _traceback(out: TextIO, error: structlog.typing.ExcInfo) -> None:
    """Indented, so that no message begins a line; and plain: the default shows local variables, tokens among them."""
    out.write("\n".join(f"  {visible(line)}" for line in told(error[1]).split("\n")))


def told(error: BaseException) -> str:
    """A traceback: types and places, and texts of those exceptions only that quote nobody."""
    return "".join(_parts(error, set())).rstrip("\n")


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _parts(before, seen)
        yield "\nAnd then:\n\n"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_text(error)}\n".removeprefix("builtins.")
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _parts(one, seen)


def _text(error: BaseException) -> str:
    if type(error) in _OF_CODE:
        return f": {error}"
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f": {os.strerror(error.errno)}"
    return ""


def _told(exc_info: structlog.typing.ExcInfo) -> str:
    return told(exc_info[1])


_AS_TOLD = structlog.processors.ExceptionRenderer(_told)


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """A process ends; what Python would print has all texts in it."""
    structlog.get_logger().critical("process.failed", exc_info=(kind, error, traceback))
