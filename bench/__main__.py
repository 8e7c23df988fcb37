"""`python -m bench`: what to measure, and where to keep it."""

import argparse
import asyncio
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from bench import servers, table, workloads
from bench.failure import BenchError
from bench.process import output_of
from bench.report import keep
from bench.server import Server
from bench.sitting import sit

INSTALL_WITHIN_S = 600.0


class _Named(Protocol):
    name: str


NamedThing = TypeVar("NamedThing", bound=_Named)


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code."""
    all_servers, all_workloads = servers.every(), workloads.every()
    options = _parser(all_servers, all_workloads).parse_args(arguments)
    try:
        if options.install:
            asyncio.run(_install(_chosen(all_servers, options.servers)))
            return 0
        _raise_file_limit()
        measured = _chosen(all_servers, options.servers), _chosen(all_workloads, options.only)
        sitting = asyncio.run(sit(*measured, quick=options.quick, say=_say))
    except BenchError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    _say("\n".join(table.skipped(sitting)))
    if options.keep is not None:
        keep(sitting, options.keep)
    return 0


def _parser(all_servers: Sequence[_Named], all_workloads: Sequence[_Named]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Hark beside its peers, in one sitting.")
    names = [workload.name for workload in all_workloads]
    parser.add_argument("--only", nargs="+", choices=names, metavar="WORKLOAD", help=f"some of: {', '.join(names)}")
    names = [server.name for server in all_servers]
    parser.add_argument("--servers", nargs="+", choices=names, metavar="SERVER", help=f"some of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to try things; not to be quoted")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the JSON, the plot and the page's tables there")
    parser.add_argument("--install", action="store_true", help="install the peers that npm and pip can, then stop")
    return parser


def _chosen(things: Sequence[NamedThing], names: Sequence[str] | None) -> list[NamedThing]:
    return [thing for thing in things if names is None or thing.name in names]


async def _install(peers: Sequence[Server]) -> None:
    """Runs the commands that touch nothing but bench/.cache."""
    commands = dict.fromkeys(peer.install for peer in peers if peer.absent() and peer.installs_in_cache)
    for command in commands:
        _say(command)
        _say(await output_of("sh", "-c", command, within_s=INSTALL_WITHIN_S))


def _raise_file_limit() -> None:
    """Servers and the load client inherit it: 9,000 connections need as many descriptors on either side."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
