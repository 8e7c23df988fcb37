"""`hark audit`: who did what, and whether the log of it is whole."""

import argparse
from datetime import UTC

from hub.audit import HEADS, Chain, Head, NotedHead, Row, parse_head, signed
from hub.cli.console import fail, read_settings, say, with_database
from hub.settings import vault
from hub.store import audit
from hub.store.postgres import Connection

HELP = "Who did what, and whether the log of it is whole."
LISTED = 100
FAULTS_SHOWN = 20


def add_to(audited: argparse.ArgumentParser) -> None:
    """The actions."""
    actions = audited.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the newest rows, the newest last")
    listed.add_argument("--last", type=_positive, default=LISTED, metavar="N", help="so many (default %(default)s)")
    listed.set_defaults(command=_list)
    actions.add_parser(
        "head", help="print N:HASH:SIGNATURE of the newest row, to be kept elsewhere; the worker logs it every hour"
    ).set_defaults(command=_head)
    verified = actions.add_parser("verify", help="find what was changed in the log; 1 if anything was")
    verified.add_argument(
        "--head",
        type=_head_of,
        action="append",
        default=[],
        metavar="N:HASH:SIGNATURE",
        help="that was noted before: shows rows cut off since, and a chain made anew; may be repeated",
    )
    verified.set_defaults(command=_verify)


def _list(options: argparse.Namespace) -> int:
    for row in with_database(lambda db: audit.newest(db, limit=options.last)):
        say(_line(row))
    return 0


def _head(_: argparse.Namespace) -> int:
    key = _key()
    say(str(signed(with_database(audit.head), key)))
    return 0


def _verify(options: argparse.Namespace) -> int:
    noted: list[NotedHead] = options.head
    forged = [each for each in noted if each.signature is not None and not each.is_signed(_key())]

    async def look(connection: Connection) -> tuple[Head, list[str]]:
        chain = Chain(each.head for each in noted)
        faults = [fault async for row in audit.every_row(connection) for fault in chain.look(row)]
        strange = [f"the head {each} was not signed with HARK_ENCRYPTION_KEYS" for each in forged]
        return chain.last, [*strange, *faults, *chain.end()]

    last, faults = with_database(look)
    for fault in faults[:FAULTS_SHOWN]:
        say(fault)
    if len(faults) > FAULTS_SHOWN:
        say(f"and {len(faults) - FAULTS_SHOWN} more")
    if faults:
        return fail("the audit log was changed")
    say(f"{last.n} rows are as they were written; head {last}")
    return 0


def _key() -> bytes:
    return vault(read_settings()).derived(HEADS)


def _line(row: Row) -> str:
    at = f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return f"{row.n}  {at}  {row.by:12}  {row.action:22}  {row.outcome:7}  {row.objects}"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _head_of(text: str) -> NotedHead:
    try:
        return parse_head(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
