"""`hark revoke`: the end of user tokens before their time, also while no hub runs."""

import argparse
from collections.abc import Sequence
from datetime import datetime

from hub.audit import CLI, Deed
from hub.console import read_settings, say, with_database
from hub.hint import REVOKED
from hub.publisher import Publisher
from hub.store import audit, revocations
from hub.store.postgres import Connection
from sessions.revocations import Kind


def add_to(revoked: argparse.ArgumentParser) -> None:
    """Its options."""
    whose = revoked.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", action="append", metavar="ID", help="all of this user; may be repeated")
    whose.add_argument("--session", metavar="ID", help="all of this sign-in (the tokens' sid)")
    whose.add_argument("--token", metavar="ID", help="this one (its jti)")
    revoked.add_argument(
        "--issued-before", type=_time, metavar="TIME", help="only those, as in 2026-01-31T12:00:00+01:00"
    )


def revoke(options: argparse.Namespace) -> int:
    """Of the one kind that was named."""
    kind, subjects = _subjects(options)
    redis_url = read_settings().hub.redis_url

    async def ask(db: Connection) -> bool:
        async with db.transaction():
            await revocations.revoke(db, kind, subjects, before=options.issued_before)
            await audit.append(db, Deed(CLI, "tokens.revoked", {kind: subjects, "revoked": len(subjects)}))
        publisher = Publisher(redis_url)
        heard = await publisher.publish([(REVOKED, b"")])
        await publisher.aclose()
        return heard is not None

    told = with_database(ask)
    say("revoked" if told else "revoked; Redis is away: hubs see it within seconds")
    return 0


def _subjects(options: argparse.Namespace) -> tuple[Kind, Sequence[str]]:
    if options.user:
        return "user", options.user
    return ("session", [options.session]) if options.session else ("token", [options.token])


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise argparse.ArgumentTypeError("must be a time with its zone, as in 2026-01-31T12:00:00+01:00")
    return time
