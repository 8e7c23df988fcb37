"""API keys of servers: `hark_<id>_<secret>`, stored as a digest, shown once."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from hub.roles import Grant, Scope, scopes_of
from hub.store.postgres import Database

ID_BYTES = 6
SECRET_BYTES = 32

_KEY = re.compile(rf"hark_([0-9a-f]{{{2 * ID_BYTES}}})_.+")
_NO_ID = ""  # of no key
_NO_DIGEST = bytes(hashlib.sha256().digest_size)

_CREATE = """
insert into api_keys (id, digest, name, role, scopes, expires_at)
values ($1, $2, $3, $4, $5, now() + $6::interval)
"""
# A row of one shape, whether there is such a key or not: a row that is missing would be read, sent and decoded faster.
_FIND = """
select coalesce(k.digest, $2) as digest, k.id is not null as usable, k.role, k.scopes,
       extract(epoch from k.expires_at - now())::float8 as expires_in_s
from (values (1)) asked
left join api_keys k on k.id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
"""
_ALL = """
select id, name, role, scopes, created_at, expires_at, expires_at <= now() as expired, last_used_at, revoked_at
from api_keys
order by created_at, id
"""
_USED = """
update api_keys set last_used_at = now()
where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
"""


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it may be shown: never its secret."""

    id: str
    name: str
    role: str | None
    scopes: Sequence[str] | None  # when it has no role
    created_at: datetime
    expires_at: datetime | None
    expired: bool | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class Verified(NamedTuple):
    """A key that may be used, and what for."""

    id: str
    scopes: frozenset[Scope]
    expires_in_s: float | None


async def create(db: Database, name: str, grant: Grant, *, expires_in: timedelta | None = None) -> str:
    """Stores a new key and returns its only plain copy."""
    key_id = secrets.token_hex(ID_BYTES)
    key = f"hark_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    role, scopes = (grant, None) if isinstance(grant, str) else (None, sorted(grant))
    await db.execute(_CREATE, key_id, _digest(key), name, role, scopes, expires_in)
    return key


def id_of(key: str) -> str:
    """The part of a key that is no secret."""
    return key.split("_", 2)[1]


async def verify(db: Database, key: str) -> Verified | None:
    """A key that may be used, or None. What is no key, an unknown one, one that ended and one with a wrong secret take
    the same way: a query, a digest, and a comparison whose time says nothing."""
    found = _KEY.fullmatch(key)
    key_id = found[1] if found else _NO_ID
    [row] = await db.fetch(_FIND, key_id, _NO_DIGEST)
    same = hmac.compare_digest(row["digest"], _digest(key))
    if not (same and row["usable"]):
        return None
    return Verified(key_id, scopes_of(row["role"], row["scopes"]), row["expires_in_s"])


async def used(db: Database, key_id: str) -> None:
    """Writes down that a key is in use; at most once a minute, whoever says it how often."""
    await db.execute(_USED, key_id)


async def revoke(db: Database, key_id: str) -> bool:
    """Ends a key; False when there is no such key in use."""
    status = await db.execute("update api_keys set revoked_at = now() where id = $1 and revoked_at is null", key_id)
    return status == "UPDATE 1"


async def all_keys(db: Database) -> list[ApiKey]:
    """Every key there ever was, oldest first."""
    return [ApiKey(**dict(row)) for row in await db.fetch(_ALL)]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
