"""A real provider simulator behind real uvicorn on free ports."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from delivery.simulator.app import ApnsPlace, simulator
from delivery.simulator.papers import Papers


class Simulator(NamedTuple):
    """Where it is reached, and what its consoles handed out."""

    url: str
    apns_url: str
    papers: Papers


@contextmanager
def running_simulator() -> Iterator[Simulator]:
    """Connections made before it is up wait in the listening sockets: nothing to poll for."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_server(("127.0.0.1", 0)) as apns,
    ):
        papers = Papers(Path(folder))
        papers.issue()
        app = simulator(ApnsPlace(apns, papers))
        config = uvicorn.Config(app, log_level="critical", ws="none", lifespan="on", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        apns_url = f"https://127.0.0.1:{apns.getsockname()[1]}"
        thread.start()
        try:
            yield Simulator(f"http://127.0.0.1:{listening.getsockname()[1]}", apns_url, papers)
        finally:
            server.should_exit = True
            thread.join()
