"""`hark check`: what is wrong with this deployment."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping

from hub.check import database, entrance, files, outside, secrecy, stores
from hub.check.finding import Finding, error
from hub.cli.console import CommandError, read_settings, say, with_database
from hub.settings import Settings
from hub.store import api_keys, migrate
from hub.store.migrate import MigrationError
from hub.store.postgres import Connection

HELP = "Review the settings and the keys: a sentence for each finding, and what to do; 1 if any is an error."


def add_to(checked: argparse.ArgumentParser) -> None:
    """Its options."""
    checked.add_argument("--url", help="at which clients reach the hub (default HARK_URL)")
    checked.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> int:
    settings = read_settings()
    url = options.url or os.environ.get("HARK_URL", "")
    found = [*_of_settings(settings, url, os.environ), *_of_database()]
    for finding in sorted(found, key=lambda finding: finding.level):  # errors first
        say(str(finding))
    errors = sum(finding.level == "error" for finding in found)
    say(f"{errors} errors, {len(found) - errors} warnings")
    return 1 if errors else 0


def _of_settings(settings: Settings, url: str, env: Mapping[str, str]) -> Iterator[Finding]:
    yield from entrance.findings(settings, url)
    yield from secrecy.findings(settings)
    yield from stores.findings(settings, env)
    yield from outside.findings(settings)
    yield from files.findings(_modes(settings))


def _modes(settings: Settings) -> Mapping[str, int]:
    modes: dict[str, int] = {}
    for setting, path in files.named(settings).items():
        with contextlib.suppress(OSError, ValueError):  # it may be the secret itself, or nothing: the start tells
            modes[setting] = path.stat().st_mode
    return modes


def _of_database() -> list[Finding]:
    async def ask(db: Connection) -> list[Finding]:
        missing = [migration.name for migration in migrate.missing(await migrate.applied(db), migrate.known())]
        keys = [] if missing else await api_keys.all_keys(db)
        return list(database.findings(keys, missing))

    try:
        return with_database(ask)
    except (CommandError, MigrationError) as problem:
        return [error("HARK_DATABASE_URL", f"{problem}.", "Hark does not run without its database.")]
