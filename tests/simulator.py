"""A real provider simulator behind real uvicorn on a free port."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from delivery.simulator.app import simulator


@contextmanager
def running_simulator() -> Iterator[str]:
    """Its origin. Connections made before uvicorn is up wait in the listening socket: nothing to poll for."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            simulator(), log_level="critical", ws="none", lifespan="off", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
