"""The worker's own `/health` and `/metrics`, so that it can be watched like the hub."""

import contextlib
from collections.abc import Iterator

from prometheus_client import start_http_server


@contextlib.contextmanager
def metrics_server(host: str, port: int) -> Iterator[None]:
    """Answers any path with the metrics, from a thread of its own; port 0: not at all. Raises OSError when in use."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, addr=host)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
