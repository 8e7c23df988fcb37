"""Running the simulator until it is interrupted. Who starts it, and what is told of it, is the caller's."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import uvicorn

from delivery.simulator.app import simulator
from delivery.simulator.fcm_service import TOKEN_PATH
from delivery.simulator.http1 import Connection
from delivery.simulator.papers import Papers


class Places(NamedTuple):
    """Where it listens; a port of 0 is any that is free."""

    host: str
    port: int
    apns_port: int
    smtp_port: int

    @property
    def url(self) -> str:
        """Of FCM, Web Push, Twilio, and the page."""
        return f"http://{self.host}:{self.port}"

    @property
    def apns_url(self) -> str:
        return f"https://{self.host}:{self.apns_port}"


def run(wanted: Places, folder: Path, *, ready: Callable[[Places], None]) -> None:
    """`ready` gets the places that it took, once it runs and its keys and certificates are in `folder`.
    Raises OSError when a port is taken."""
    ports = (wanted.port, wanted.apns_port, wanted.smtp_port)
    listening, apns, smtp = (socket.create_server((wanted.host, port)) for port in ports)
    taken = Places(wanted.host, *(each.getsockname()[1] for each in (listening, apns, smtp)))
    papers = Papers(folder)
    papers.issue(token_url=taken.url + TOKEN_PATH)
    # Only its warnings: an access log would hold tokens. The deadline is for a push that hangs because a fault says so.
    app = simulator(papers, apns, smtp)
    config = uvicorn.Config(app, http=Connection, log_level="warning", timeout_graceful_shutdown=2)
    _Server(config, lambda: ready(taken)).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it has started: from then on it also stops as it should."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()
