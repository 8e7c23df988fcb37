"""The SQL of users' addresses: e-mail, phone, chats. The caller owns the connection and the transaction."""

from collections.abc import Iterator, Sequence
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
Kind = Literal["email", "sms", "chat"]
Column = Literal["email", "phone", "chats"]

log = structlog.get_logger()

# Said again, an address that was dead is tried again.
_PUT = """
insert into users (user_id, email, phone, chats) values ($1, $2, $3, $4)
on conflict (user_id) do update
    set email = excluded.email, phone = excluded.phone, chats = excluded.chats,
        email_gone = null, phone_gone = null, updated_at = now()
returning user_id, email, phone, chats,
    email_gone is not null as email_gone, phone_gone is not null as phone_gone, updated_at
"""

_FIND = """
select user_id, email, phone, chats,
    email_gone is not null as email_gone, phone_gone is not null as phone_gone, updated_at
from users where user_id = $1
"""

_REACHABLE = """
select user_id, 'email' as channel, email as address from users
where user_id = any($1) and email is not null and email_gone is null
union all
select user_id, 'sms', phone from users where user_id = any($1) and phone is not null and phone_gone is null
union all
select user_id, 'chat', chats from users where user_id = any($1) and chats is not null
"""

# Of chats nobody says so.
_GONE: dict[Channel, str] = {
    "email": "update users set email_gone = $3 where user_id = $1 and email = $2",
    "sms": "update users set phone_gone = $3 where user_id = $1 and phone = $2",
}

_COLUMNS: dict[Channel, Column] = {"email": "email", "sms": "phone", "chat": "chats"}
_KINDS: dict[Column, Kind] = {"email": "email", "phone": "sms", "chats": "chat"}


class Chat(msgspec.Struct, frozen=True):
    """A user's own address at one of the services that the operator named."""

    service: str
    target: str = ""
    """Empty for a service that has a single place."""


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a user gets mail, SMS and chat messages; `gone` once a provider called the address dead."""

    user_id: str
    email: str | None
    phone: str | None
    chats: Sequence[Chat]
    email_gone: bool
    phone_gone: bool
    updated_at: datetime


async def put(
    db: Database, seals: Seals, user_id: str, *, email: str | None, phone: str | None, chats: Sequence[Chat] = ()
) -> Contacts:
    """All as they are now; None: there is none. The same chat twice is one."""
    each_once = list(dict.fromkeys(chats))
    told: dict[Column, str | None] = {"email": email, "phone": phone, "chats": _written(each_once)}
    sealed = {
        column: None if text is None else seals.seal(text, *place_of(user_id, column)) for column, text in told.items()
    }
    row = await db.fetchrow(_PUT, user_id, *sealed.values())
    assert row is not None, "an upsert returns its row"  # noqa: S101 - tells the type checker what SQL promises
    return Contacts(**{**row, "email": email, "phone": phone, "chats": each_once})


async def find(db: Database, seals: Seals, user_id: str) -> Contacts | None:
    """A user's, if any were put. What cannot be read is left out, and logged."""
    row = await db.fetchrow(_FIND, user_id)
    if row is None:
        return None
    email, phone, chats = (_shown(row, column, seals) for column in _KINDS)
    return Contacts(**{**row, "email": email, "phone": phone, "chats": _read(chats)})


async def reachable(db: Database, seals: Seals, user_ids: Sequence[str]) -> list[Reachable]:
    """The addresses of these users that are not dead."""
    return [target for row in await db.fetch(_REACHABLE, user_ids) for target in _reachable(row, seals)]


async def quarantine(db: Database, seals: Seals, target: Reachable, evidence: Evidence) -> bool:
    """Takes an address out of use because a provider called it dead; False: the user has another one since."""
    row = await db.fetchrow(_FIND, target.user_id)
    column = _COLUMNS[target.channel]
    if row is None or row[column] is None or seals.open(row[column], *place_of(target.user_id, column)) != target.token:
        return False
    said = msgspec.json.encode(evidence).decode()
    return await db.execute(_GONE[target.channel], target.user_id, row[column], said) == "UPDATE 1"


def place_of(user_id: str, column: Column) -> tuple[str, ...]:
    """What an address is sealed for."""
    return f"users.{column}", user_id


def target_id(kind: Kind, user_id: str) -> UUID:
    """What stands in an attempt where a device's session would."""
    return uuid5(NAMESPACE_URL, f"{kind}:{user_id}")


def _reachable(row: Record, seals: Seals) -> Iterator[Reachable]:
    channel, user_id = row["channel"], row["user_id"]
    address = seals.open(row["address"], *place_of(user_id, _COLUMNS[channel]))
    if isinstance(address, Unreadable):
        yield Reachable(target_id(channel, user_id), user_id, channel, "", "", address.flaw)
    elif channel == "chat":
        for chat in _read(address):
            yield Reachable(_chat_id(user_id, chat), user_id, channel, chat.service, chat.target)
    else:
        yield Reachable(target_id(channel, user_id), user_id, channel, "", address)


def _chat_id(user_id: str, chat: Chat) -> UUID:
    """A user has several chats, each with attempts of its own."""
    return uuid5(NAMESPACE_URL, "\0".join((f"chat:{user_id}", chat.service, chat.target)))


def _written(chats: Sequence[Chat]) -> str | None:
    return msgspec.json.encode(chats).decode() if chats else None


def _read(chats: str | None) -> list[Chat]:
    return [] if chats is None else msgspec.json.decode(chats, type=list[Chat])


def _shown(row: Record, column: Column, seals: Seals) -> str | None:
    if row[column] is None:
        return None
    address = seals.open(row[column], *place_of(row["user_id"], column))
    if isinstance(address, Unreadable):
        log.error("address.unreadable", id=str(target_id(_KINDS[column], row["user_id"])), flaw=address.flaw)
        return None
    return address
