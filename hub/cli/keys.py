"""`hark keys`: create, list, revoke; and the keys for Web Push, and for what is stored."""

import argparse
import re
from datetime import timedelta

from delivery.webpush import vapid
from hub.audit import CLI, Deed
from hub.cli.console import fail, more_encryption_keys, read_settings, say, with_database
from hub.cli.hubs import tell_hubs
from hub.cli.rotation import rotate
from hub.hint import KEY_REVOKED
from hub.roles import ROLES, SCOPES
from hub.settings import vault
from hub.store import api_keys, audit, encryption
from hub.store.api_keys import ApiKey
from hub.store.postgres import Connection

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=3650)


def add_to(keys: argparse.ArgumentParser) -> None:
    """The actions."""
    actions = keys.add_subparsers(metavar="ACTION")
    created = actions.add_parser("create", help="make an API key and print it, once")
    created.add_argument("name", help="whose key it is")
    may = created.add_mutually_exclusive_group(required=True)
    may.add_argument("--role", choices=ROLES, help="what it may do; a back end is a sender")
    may.add_argument("--scope", action="append", choices=SCOPES, help="only this, instead of a role; may be repeated")
    created.add_argument("--expires-in", type=_duration, metavar="TIME", help="as in 90d, 12h, 30m (default: never)")
    created.set_defaults(command=_create)
    actions.add_parser("list", help="every API key there ever was").set_defaults(command=list_keys)
    revoked = actions.add_parser("revoke", help="end an API key")
    revoked.add_argument("id", help="the key's id: the part between the first two underscores")
    revoked.set_defaults(command=_revoke)
    actions.add_parser("vapid", help="make a VAPID key pair for Web Push").set_defaults(command=_vapid)
    encryption = actions.add_parser("encryption", help="make a key for what is stored, in front of those there are")
    encryption.set_defaults(command=_encryption)
    rotated = actions.add_parser("rotate", help="encrypt everything stored with the first of HARK_ENCRYPTION_KEYS")
    rotated.set_defaults(command=rotate)


def list_keys(_: argparse.Namespace) -> int:
    """A line for each: id, when it was made, whether it works, what it may do, when it was used, name."""
    for key in with_database(api_keys.all_keys):
        used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
        may = key.role or ",".join(key.scopes or ())
        say(f"{key.id}  {key.created_at:%Y-%m-%d}  {_state(key):24}  {may:8}  {used:21}  {key.name}")
    return 0


def _create(options: argparse.Namespace) -> int:
    grant = options.role or frozenset(options.scope)

    seals = vault(read_settings())

    async def create(db: Connection) -> str:
        await encryption.check(db, seals)
        async with db.transaction():
            key = await api_keys.create(db, seals, options.name, grant, expires_in=options.expires_in)
            may = {"role": options.role} if options.role else {"scopes": sorted(grant)}
            await audit.append(db, Deed(CLI, "key.created", {"key_id": api_keys.id_of(key), **may}))
        return key

    say(with_database(create))
    return 0


def _revoke(options: argparse.Namespace) -> int:
    settings = read_settings()

    async def revoke(db: Connection) -> str | None:
        async with db.transaction():
            revoked = await api_keys.revoke(db, options.id)
            if revoked:  # what is no id may be anything, a whole key too
                await audit.append(db, Deed(CLI, "key.revoked", {"key_id": options.id}))
        return await tell_hubs(settings, KEY_REVOKED) if revoked else None

    told = with_database(revoke)
    if told is None:
        return fail(f"no API key in use has the id {options.id}")
    say(f"{options.id} is revoked{told}")
    return 0


def _vapid(_: argparse.Namespace) -> int:
    pair = vapid.generate()
    say(f"HARK_VAPID_PRIVATE_KEY={pair.private_key}")
    say(f"# for pushManager.subscribe, applicationServerKey: {pair.application_server_key}")
    return 0


def _encryption(_: argparse.Namespace) -> int:
    say(f"HARK_ENCRYPTION_KEYS={more_encryption_keys().text()}")
    say("# on hub and worker; keep a copy where no backup of the database is: without it nobody reads what is stored")
    return 0


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at:
        return f"{'expired' if key.expired else 'until'} {key.expires_at:%Y-%m-%d %H:%M}"
    return "in use"


def _duration(text: str) -> timedelta:
    found = re.fullmatch(rf"([1-9][0-9]{{0,6}})([{''.join(UNITS)}])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"must be a number and one of {', '.join(UNITS)}, as in 90d")
    duration = int(found[1]) * UNITS[found[2]]
    if duration > LONGEST:
        raise argparse.ArgumentTypeError(f"must be at most {LONGEST.days}d")
    return duration
