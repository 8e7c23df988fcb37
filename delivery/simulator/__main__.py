"""`python -m delivery.simulator --host H --port N --apns-port N --papers DIR` runs it until it is interrupted."""

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
    arguments.add_argument("--papers", type=Path, help="where keys and certificates are kept (default: until the end)")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run(chosen.host, chosen.port, chosen.apns_port, chosen.papers or Path(folder))


def _run(host: str, port: int, apns_port: int, folder: Path) -> None:
    # Whoever reads the lines below may connect: it waits until the simulator accepts.
    listening, apns = socket.create_server((host, port)), socket.create_server((host, apns_port))
    url = f"http://{host}:{listening.getsockname()[1]}"
    papers = Papers(folder)
    papers.issue(token_url=url + TOKEN_PATH)
    # Only its warnings: an access log would hold tokens. The deadline is for a push that hangs because a fault says so.
    config = uvicorn.Config(simulator(papers, apns), log_level="warning", timeout_graceful_shutdown=2)
    sys.stderr.write(f"keys and certificates in {folder}\n")
    sys.stderr.write(f"APNs on https://{host}:{apns.getsockname()[1]}\n")
    sys.stderr.write(f"running on {url}\n")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
