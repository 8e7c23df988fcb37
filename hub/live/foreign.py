"""Connections that were about to be told what is another user's. It is not written, and no client has to know of it: it
comes again, elsewhere or to a hub that was mended, and shows its cursor."""

import structlog

from hub import metrics
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection

log = structlog.get_logger()


def end(connection: Connection) -> None:
    """Closes it. Somebody has to look into this: it is an error, whatever else goes on."""
    log.error("connection.foreign")
    metrics.closed.labels(CloseCode.UNAVAILABLE).inc()
    connection.wire.close(CloseCode.UNAVAILABLE)
