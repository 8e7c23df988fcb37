"""`python -m delivery.simulator --host H --port N --apns-port N --smtp-port N --papers DIR` runs it until it is
interrupted."""

import argparse
import socket
import sys
import tempfile
from pathlib import Path

import uvicorn

from delivery.simulator.app import simulator
from delivery.simulator.fcm_service import TOKEN_PATH
from delivery.simulator.papers import Papers


def main() -> None:
    arguments = argparse.ArgumentParser(prog="delivery.simulator", description="Simulated push providers.")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8090, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--apns-port", type=int, default=8091, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--smtp-port", type=int, default=8025, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--papers", type=Path, help="where keys and certificates are kept (default: until the end)")
    chosen = arguments.parse_args()
    # Whoever reads the lines below may connect: it waits until the simulator accepts.
    listening, apns, smtp = (
        socket.create_server((chosen.host, port)) for port in (chosen.port, chosen.apns_port, chosen.smtp_port)
    )
    with tempfile.TemporaryDirectory() as folder:
        _run(chosen.papers or Path(folder), listening, apns, smtp)


def _run(folder: Path, listening: socket.socket, apns: socket.socket, smtp: socket.socket) -> None:
    url = f"http://{_place(listening)}"
    papers = Papers(folder)
    papers.issue(token_url=url + TOKEN_PATH)
    # Only its warnings: an access log would hold tokens. The deadline is for a push that hangs because a fault says so.
    config = uvicorn.Config(simulator(papers, apns, smtp), log_level="warning", timeout_graceful_shutdown=2)
    sys.stderr.write(f"keys and certificates in {folder}\n")
    sys.stderr.write(f"mail server on {_place(smtp)}\n")
    sys.stderr.write(f"APNs on https://{_place(apns)}\n")
    sys.stderr.write(f"running on {url}\n")
    uvicorn.Server(config).run(sockets=[listening])


def _place(listening: socket.socket) -> str:
    host, port, *_ = listening.getsockname()
    return f"{host}:{port}"


if __name__ == "__main__":
    main()
