"""`python -m delivery.simulator --host H --port N --apns-port N --smtp-port N --papers DIR` runs it until it is
interrupted. `hark simulate` does the same, and says which settings lead there."""

import argparse
import sys
import tempfile
from pathlib import Path

from delivery.simulator.command import Places, run


def main() -> None:
    arguments = argparse.ArgumentParser(prog="delivery.simulator", description="Simulated push providers.")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8090, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--apns-port", type=int, default=8091, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--smtp-port", type=int, default=8025, help="default %(default)s; 0 takes a free one")
    arguments.add_argument("--papers", type=Path, help="where keys and certificates are kept (default: until the end)")
    chosen = arguments.parse_args()
    wanted = Places(chosen.host, chosen.port, chosen.apns_port, chosen.smtp_port)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.papers or Path(temporary)
        run(wanted, folder, ready=lambda taken: _tell(taken, folder))


def _tell(places: Places, folder: Path) -> None:
    sys.stderr.write(f"keys and certificates in {folder}\n")
    sys.stderr.write(f"mail server on {places.host}:{places.smtp_port}\n")
    sys.stderr.write(f"APNs on {places.apns_url}\n")
    sys.stderr.write(f"running on {places.url}\n")


if __name__ == "__main__":
    main()
