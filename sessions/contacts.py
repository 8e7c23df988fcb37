"""The SQL of users' addresses: e-mail, phone, chats. The caller owns the connection and the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from asyncpg import Connection, Pool, Record
from asyncpg.pool import PoolConnectionProxy

from sessions.session import Channel, Evidence, Reachable

Database: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record] | Pool[Record]"
Kind = Literal["email", "sms"]

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
select user_id, 'email' as channel, '' as app, email as address from users
where user_id = any($1) and email is not null and email_gone is null
union all
select user_id, 'sms', '', phone from users where user_id = any($1) and phone is not null and phone_gone is null
union all
select user_id, 'chat', chat ->> 'service', chat ->> 'target'
from users, json_array_elements(chats) as chat where user_id = any($1)
"""

# Of chats nobody says so.
_GONE: dict[Channel, str] = {
    "email": "update users set email_gone = $3 where user_id = $1 and email = $2",
    "sms": "update users set phone_gone = $3 where user_id = $1 and phone = $2",
}


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
    db: Database, user_id: str, *, email: str | None, phone: str | None, chats: Sequence[Chat] = ()
) -> Contacts:
    """All as they are now; None: there is none. The same chat twice is one."""
    told = msgspec.json.encode(list(dict.fromkeys(chats))).decode()
    row = await db.fetchrow(_PUT, user_id, email, phone, told)
    assert row is not None, "an upsert returns its row"  # noqa: S101 - tells the type checker what SQL promises
    return _contacts(row)


async def find(db: Database, user_id: str) -> Contacts | None:
    """A user's, if any were put."""
    row = await db.fetchrow(_FIND, user_id)
    return None if row is None else _contacts(row)


async def reachable(db: Database, user_ids: Sequence[str]) -> list[Reachable]:
    """The addresses of these users that are not dead."""
    return [
        Reachable(_target_id(row), row["user_id"], row["channel"], row["app"], row["address"])
        for row in await db.fetch(_REACHABLE, user_ids)
    ]


async def quarantine(db: Database, target: Reachable, evidence: Evidence) -> bool:
    """Takes an address out of use because a provider called it dead; False: the user has another one since."""
    status = await db.execute(
        _GONE[target.channel], target.user_id, target.token, msgspec.json.encode(evidence).decode()
    )
    return status == "UPDATE 1"


def target_id(kind: Kind, user_id: str) -> UUID:
    """What stands in an attempt where a device's session would."""
    return uuid5(NAMESPACE_URL, f"{kind}:{user_id}")


def _target_id(row: Record) -> UUID:
    """A user has several chats, each with attempts of its own."""
    if row["channel"] == "chat":
        return uuid5(NAMESPACE_URL, "\0".join(("chat:" + row["user_id"], row["app"], row["address"])))
    return target_id(row["channel"], row["user_id"])


def _contacts(row: Record) -> Contacts:
    return Contacts(**{**row, "chats": msgspec.json.decode(row["chats"], type=list[Chat])})
