"""The columns that are sealed, each with the SQL that goes through it in batches, in the order of its key. A row that
somebody else writes meanwhile is left as they wrote it."""

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from hub.store.webhooks import place_of as place_of_secret
from hub.vault import Vault
from sessions import contacts, subscription
from sessions import store as sessions
from sessions.contacts import Column as ContactColumn
from sessions.sealing import Unreadable
from sessions.session import Provider, unique
from sessions.subscription import InvalidSubscription

Line: TypeAlias = tuple[object, ...]  # a key, what is stored there now, and what is to be


class SealedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """`read` gives up to $n rows after a key that do not begin with a prefix; `write` takes lines, column by column."""

    table: str
    name: str
    before_all: Line  # sorts before every key
    read: str
    write: str
    line: Callable[[Vault, asyncpg.Record], Line | Unreadable]

    @property
    def count(self) -> str:
        """How many rows do not begin with $1."""
        return f"select count(*) from {self.table} where not starts_with({self.name}, $1)"  # noqa: S608 - ours

    @property
    def constraint(self) -> str:
        """By which Postgres takes nothing but what is sealed."""
        return f"{self.table}_{self.name}_sealed"


_READ_TOKENS = """
select id, token as stored, token_digest, user_id, provider from sessions
where id > $1 and not starts_with(token, $2) order by id limit $3
"""

# A device that registered again has a newer session than the one whose token was not sealed yet, nor its digest keyed.
_TWICE = """s.state = 'active'
and exists (select from sessions o where o.token_digest = f.digest and o.state = 'active' and o.id <> s.id)"""
_WRITE_TOKENS = f"""
with f as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) as f (id, stored, sealed, digest)
), twice as (
    delete from sessions s using f where s.id = f.id and s.token = f.stored and {_TWICE}
)
update sessions s set token = f.sealed, token_digest = f.digest from f
where s.id = f.id and s.token = f.stored and not ({_TWICE})
"""  # noqa: S608 - constants of ours

_READ_CONTACTS = """
select user_id, {column} as stored from users
where user_id > $1 and not starts_with({column}, $2) order by user_id limit $3
"""
_WRITE_CONTACTS = """
update users u set {column} = f.sealed from unnest($1::text[], $2::text[], $3::text[]) as f (user_id, stored, sealed)
where u.user_id = f.user_id and u.{column} = f.stored
"""

_READ_SECRETS = """
select webhook_id, secret as stored from webhook_secrets
where (webhook_id, secret) > ($1, $2) and not starts_with(secret, $3) order by webhook_id, secret limit $4
"""
_WRITE_SECRETS = """
update webhook_secrets s set secret = f.sealed
from unnest($1::uuid[], $2::text[], $3::text[]) as f (webhook_id, stored, sealed)
where s.webhook_id = f.webhook_id and s.secret = f.stored
"""


def _token(vault: Vault, row: asyncpg.Record) -> Line | Unreadable:
    user_id = row["user_id"]
    token = vault.open(row["stored"], *sessions.place_of(user_id, row["token_digest"]))
    if isinstance(token, Unreadable):
        return token
    digest = sessions.digest_of(vault, _unique_part(row["provider"], token))
    return row["id"], row["stored"], vault.seal(token, *sessions.place_of(user_id, digest)), digest


def _unique_part(provider: Provider, token: str) -> str:
    try:
        return subscription.parse(token).endpoint if provider == "webpush" else unique(provider, token)
    except InvalidSubscription:  # nobody can be pushed to with it, and no registration will ask for it
        return token


def _contact(column: ContactColumn) -> SealedColumn:
    def line(vault: Vault, row: asyncpg.Record) -> Line | Unreadable:
        place = contacts.place_of(row["user_id"], column)
        address = vault.open(row["stored"], *place)
        return (
            address if isinstance(address, Unreadable) else (row["user_id"], row["stored"], vault.seal(address, *place))
        )

    read, write = _READ_CONTACTS.format(column=column), _WRITE_CONTACTS.format(column=column)
    return SealedColumn(table="users", name=column, before_all=("",), read=read, write=write, line=line)


def _secret(vault: Vault, row: asyncpg.Record) -> Line | Unreadable:
    place = place_of_secret(row["webhook_id"])
    secret = vault.open(row["stored"], *place)
    return secret if isinstance(secret, Unreadable) else (row["webhook_id"], row["stored"], vault.seal(secret, *place))


COLUMNS = (
    SealedColumn(
        table="sessions", name="token", before_all=(UUID(int=0),), read=_READ_TOKENS, write=_WRITE_TOKENS, line=_token
    ),
    _contact("email"),
    _contact("phone"),
    _contact("chats"),
    SealedColumn(
        table="webhook_secrets",
        name="secret",
        before_all=(UUID(int=0), ""),
        read=_READ_SECRETS,
        write=_WRITE_SECRETS,
        line=_secret,
    ),
)
