"""The SQL of users' e-mail addresses and phone numbers. The caller owns the connection and the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import structlog
from asyncpg import Connection, Pool, Record
from asyncpg.pool import PoolConnectionProxy

from sessions.sealing import Seals, Unreadable
from sessions.session import Channel, Evidence, Reachable

Database: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record] | Pool[Record]"
Kind = Literal["email", "sms"]
Column = Literal["email", "phone"]

log = structlog.get_logger()

# Said again, an address that was dead is tried again.
_PUT = """
insert into users (user_id, email, phone) values ($1, $2, $3)
on conflict (user_id) do update
    set email = excluded.email, phone = excluded.phone, email_gone = null, phone_gone = null, updated_at = now()
returning user_id, email, phone, email_gone is not null as email_gone, phone_gone is not null as phone_gone, updated_at
"""

_FIND = """
select user_id, email, phone, email_gone is not null as email_gone, phone_gone is not null as phone_gone, updated_at
from users where user_id = $1
"""

_REACHABLE = """
select user_id, 'email' as channel, email as address from users
where user_id = any($1) and email is not null and email_gone is null
union all
select user_id, 'sms', phone from users where user_id = any($1) and phone is not null and phone_gone is null
"""

_GONE: dict[Column, str] = {
    "email": "update users set email_gone = $3 where user_id = $1 and email = $2",
    "phone": "update users set phone_gone = $3 where user_id = $1 and phone = $2",
}

_COLUMNS: dict[Channel, Column] = {"email": "email", "sms": "phone"}
_KINDS: dict[Column, Kind] = {"email": "email", "phone": "sms"}


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a user gets mail and SMS; `gone` once a provider called the address dead."""

    user_id: str
    email: str | None
    phone: str | None
    email_gone: bool
    phone_gone: bool
    updated_at: datetime


async def put(db: Database, seals: Seals, user_id: str, *, email: str | None, phone: str | None) -> Contacts:
    """Both as they are now; None: there is none."""
    sealed_email = None if email is None else seals.seal(email, *place_of(user_id, "email"))
    sealed_phone = None if phone is None else seals.seal(phone, *place_of(user_id, "phone"))
    row = await db.fetchrow(_PUT, user_id, sealed_email, sealed_phone)
    assert row is not None, "an upsert returns its row"  # noqa: S101 - tells the type checker what SQL promises
    return Contacts(**{**row, "email": email, "phone": phone})


async def find(db: Database, seals: Seals, user_id: str) -> Contacts | None:
    """A user's, if any were put. What cannot be read is left out, and logged."""
    row = await db.fetchrow(_FIND, user_id)
    if row is None:
        return None
    return Contacts(**{**row, "email": _shown(row, "email", seals), "phone": _shown(row, "phone", seals)})


async def reachable(db: Database, seals: Seals, user_ids: Sequence[str]) -> list[Reachable]:
    """The addresses of these users that are not dead."""
    return [_reachable(row, seals) for row in await db.fetch(_REACHABLE, user_ids)]


async def quarantine(db: Database, seals: Seals, target: Reachable, evidence: Evidence) -> bool:
    """Takes an address out of use because a provider called it dead; False: the user has another one since."""
    row = await db.fetchrow(_FIND, target.user_id)
    column = _COLUMNS[target.channel]
    if row is None or row[column] is None or seals.open(row[column], *place_of(target.user_id, column)) != target.token:
        return False
    said = msgspec.json.encode(evidence).decode()
    return await db.execute(_GONE[column], target.user_id, row[column], said) == "UPDATE 1"


def place_of(user_id: str, column: Column) -> tuple[str, ...]:
    """What an address is sealed for."""
    return f"users.{column}", user_id


def target_id(kind: Kind, user_id: str) -> UUID:
    """What stands in an attempt where a device's session would."""
    return uuid5(NAMESPACE_URL, f"{kind}:{user_id}")


def _reachable(row: Record, seals: Seals) -> Reachable:
    channel, user_id = row["channel"], row["user_id"]
    address = seals.open(row["address"], *place_of(user_id, _COLUMNS[channel]))
    target = target_id(channel, user_id), user_id, channel, ""
    return Reachable(*target, "", address.flaw) if isinstance(address, Unreadable) else Reachable(*target, address)


def _shown(row: Record, column: Column, seals: Seals) -> str | None:
    if row[column] is None:
        return None
    address = seals.open(row[column], *place_of(row["user_id"], column))
    if isinstance(address, Unreadable):
        log.error("address.unreadable", id=str(target_id(_KINDS[column], row["user_id"])), flaw=address.flaw)
        return None
    return address
