"""`python -m delivery.simulator --host H --port N` runs the simulator until it is interrupted."""

import argparse
import sys

import uvicorn

from delivery.simulator.app import simulator


def main() -> None:
    arguments = argparse.ArgumentParser(prog="delivery.simulator", description="Simulated push providers.")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8090, help="default %(default)s; 0 takes a free one")
    chosen = arguments.parse_args()
    # Only its warnings: an access log would hold tokens. The deadline is for a push that hangs because a fault says so.
    config = uvicorn.Config(
        simulator(), host=chosen.host, port=chosen.port, log_level="warning", timeout_graceful_shutdown=2
    )
    listening = config.bind_socket()
    listening.listen()  # whoever reads the next line may connect: it waits until the simulator accepts
    sys.stderr.write(f"running on http://{chosen.host}:{listening.getsockname()[1]}\n")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
