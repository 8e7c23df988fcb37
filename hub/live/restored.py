"""Clients of an inbox that went back: a backup was restored, or a standby that had less took over."""

from collections.abc import Collection

import structlog

from hub import metrics
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection

log = structlog.get_logger()


def send_away(ahead: Collection[Connection]) -> None:
    """Ends connections that knew of more than their inbox had when it was asked later: what comes next would have a seq
    that was sent before. A client that comes again shows its cursor, and is told to forget what is no more."""
    if ahead:
        log.warning("inboxes.went_back", connections=len(ahead))
    for connection in ahead:
        metrics.closed.labels(CloseCode.UNAVAILABLE).inc()
        connection.wire.close(CloseCode.UNAVAILABLE)
