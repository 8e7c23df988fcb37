"""Logs: one event, one line, on stdout. JSON in production, readable in development. Ids as fields; never a body, a
token or an address."""

import io
import logging
import sys
from typing import Literal, TextIO

import structlog

from hub.visible import visible

# Their lines repeat ours, or carry query strings, URLs and headers.
QUIET = ("uvicorn.access", "arq", "asyncio", "websockets", "httpx", "httpcore", "hpack")


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
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if style == "json"
        else [_visibly, for_a_person]
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
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in (*QUIET, "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)


def _visibly(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What strangers have us say, such as a path, neither forges a line nor speaks to the terminal. JSON escapes it."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}


def _traceback(out: TextIO, error: structlog.typing.ExcInfo) -> None:
    """Indented, so that no message begins a line; and plain: the default shows local variables, tokens among them."""
    plain = io.StringIO()
    structlog.dev.plain_traceback(plain, error)
    out.write("\n".join(f"  {visible(line)}" for line in plain.getvalue().rstrip("\n").split("\n")))
