"""`python -m delivery.simulator --host H --port N` runs the simulator until it is interrupted."""

import argparse

import uvicorn

from delivery.simulator.app import simulator


def main() -> None:
    arguments = argparse.ArgumentParser(prog="delivery.simulator", description="Simulated push providers.")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8090, help="default %(default)s")
    chosen = arguments.parse_args()
    # No access log: the URLs hold tokens. The deadline is for a push that hangs because a fault says so.
    uvicorn.run(simulator(), host=chosen.host, port=chosen.port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
