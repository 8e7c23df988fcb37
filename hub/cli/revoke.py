"""`hark revoke`: the end of user tokens before their time, what is in force, and undoing it; also while no hub runs."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from hub.audit import CLI, Deed
from hub.cli.console import fail, read_settings, say, with_database
from hub.cli.hubs import tell_hubs
from hub.hint import REVOKED
from hub.store import audit, revocations
from hub.store.postgres import Connection
from hub.store.revocations import START, InForce, Place
from sessions.revocations import Kind

PAGE = 1000


def add_to(revoked: argparse.ArgumentParser) -> None:
    """Its options."""
    whose = revoked.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", action="append", metavar="ID", help="all of this user; may be repeated")
    whose.add_argument("--session", metavar="ID", help="all of this sign-in (the tokens' sid)")
    whose.add_argument("--token", metavar="ID", help="this one (its jti)")
    whose.add_argument("--list", action="store_true", help="list what is in force, newest first")
    whose.add_argument("--undo", type=_id, metavar="ID", help="undo one, by its id in the list")
    revoked.add_argument(
        "--issued-before", type=_time, metavar="TIME", help="only those, as in 2026-01-31T12:00:00+01:00"
    )


def revoke(options: argparse.Namespace) -> int:
    """Of the one kind that was named; or lists, or undoes."""
    if options.list:
        return _list()
    return _undo(options.undo) if options.undo else _revoke(options)


def _revoke(options: argparse.Namespace) -> int:
    kind, subjects = _subjects(options)
    settings = read_settings()

    async def ask(db: Connection) -> str:
        async with db.transaction():
            await revocations.revoke(db, kind, subjects, before=options.issued_before)
            await audit.append(db, Deed(CLI, "tokens.revoked", {kind: subjects, "revoked": len(subjects)}))
        return await tell_hubs(settings, REVOKED)

    say("revoked" + with_database(ask))
    return 0


def _list() -> int:
    async def ask(db: Connection) -> None:
        place: Place | None = START
        while place is not None:
            found, place = await revocations.in_force(db, behind=place, limit=PAGE)
            for one in found:
                say(_line(one))

    with_database(ask)
    return 0


def _undo(revocation_id: UUID) -> int:
    settings = read_settings()

    async def ask(db: Connection) -> tuple[bool, str]:
        async with db.transaction():
            undone = await revocations.undo(db, revocation_id)
            told = {"revocation_id": str(revocation_id), **undone}
            await audit.append(db, Deed(CLI, "revocation.undone", told, bool(undone)))
        return bool(undone), await tell_hubs(settings, REVOKED)

    undone, told = with_database(ask)
    if not undone:
        return fail("no such revocation is in force (`hark revoke --list`)")
    say("undone" + told)
    return 0


def _line(one: InForce) -> str:
    # Whatever is in an id: it moves no cursor of a terminal.
    return f"{one.id}  {one.kind:7}  before {one.issued_before.astimezone(UTC):%Y-%m-%d %H:%M:%S}  {one.subject!a}"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be an id, as `hark revoke --list` prints it") from None


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
