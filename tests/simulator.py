"""A real provider simulator behind real uvicorn on free ports."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from delivery.simulator.app import simulator
from delivery.simulator.fcm_service import TOKEN_PATH
from delivery.simulator.http1 import Connection
from delivery.simulator.papers import Papers


class Simulator(NamedTuple):
    """Where it is reached, and what its consoles handed out."""

    url: str
    apns_url: str
    smtp_port: int
    papers: Papers


@contextmanager
def running_simulator() -> Iterator[Simulator]:
    """Connections made before it is up wait in the listening sockets: nothing to poll for."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_server(("127.0.0.1", 0)) as apns,
        socket.create_server(("127.0.0.1", 0)) as smtp,
    ):
        url, apns_url = f"http://127.0.0.1:{_port(listening)}", f"https://127.0.0.1:{_port(apns)}"
        papers = Papers(Path(folder))
        papers.issue(token_url=url + TOKEN_PATH)
        app = simulator(papers, apns, smtp)
        config = uvicorn.Config(app, http=Connection, log_level="critical", ws="none", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Simulator(url, apns_url, _port(smtp), papers)
        finally:
            server.should_exit = True
            thread.join()


def _port(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port
