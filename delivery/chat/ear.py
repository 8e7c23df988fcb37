"""What apprise and urllib3 log: heard here, for nothing else tells why a message was not sent, and nowhere else, for
their lines have addresses, answers and tokens."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_WIRE = "urllib3.connectionpool"  # nearly all of apprise's plugins speak HTTP by it
_LEVELS = {"apprise": logging.WARNING, _WIRE: logging.DEBUG}


class Heard(NamedTuple):
    """In one thread, during one call."""

    lines: list[str]
    """Of apprise: warnings and worse."""
    wire: list[str]
    """Of urllib3: one for each answer, and more."""


class Ear(logging.Handler):
    """Takes both loggers for itself, whatever the levels of ours are, for as long as the process lives."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._here = threading.local()
        self._loggers = [logging.getLogger(name) for name in _LEVELS]
        for logger in self._loggers:
            logger.setLevel(_LEVELS[logger.name])
            logger.propagate = False
            logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`. Of a thread that does not listen nothing is kept."""
        heard: Heard | None = getattr(self._here, "heard", None)
        if heard is not None:
            (heard.wire if record.name == _WIRE else heard.lines).append(record.getMessage())

    @contextmanager
    def listening(self) -> Iterator[Heard]:
        """What is said in this thread meanwhile."""
        heard = Heard([], [])
        self._here.heard = heard
        try:
            yield heard
        finally:
            self._here.heard = None

    def leave(self) -> None:
        """Hears no more; the loggers stay silent."""
        for logger in self._loggers:
            logger.removeHandler(self)
