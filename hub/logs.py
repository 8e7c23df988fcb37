"""Logs: one event, one line, on stdout. JSON in production, readable in development. Ids as fields; never a body, a
token or an address."""

import logging
import sys
from typing import Literal

import structlog

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
        exception_formatter=structlog.dev.plain_traceback,  # the default shows local variables: tokens, messages
    )
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if style == "json"
        else [for_a_person]
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
