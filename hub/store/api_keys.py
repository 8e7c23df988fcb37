"""API keys of servers: `hark_<id>_<secret>`, shown once. Stored is an HMAC, whose key the database does not have: who
can write to it cannot make an API key, and who tries keys has no say in what is looked for."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from hub.roles import Grant, Scope, scopes_of
from hub.store.postgres import Database
from sessions.sealing import Seals

ID_BYTES = 6
SECRET_BYTES = 32

_CREATE = """
insert into api_keys (id, digest, name, role, scopes, expires_at)
values ($1, $2, $3, $4, $5, now() + $6::interval)
"""
_FIND = """
select id, role, scopes, extract(epoch from expires_at - now())::float8 as expires_in_s
from api_keys
where digest = $1 and revoked_at is null and (expires_at is null or expires_at > now())
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
# Before 0016_keyed_api_keys no row has the column.
_ARE_OF_BEFORE = """
select exists (select from api_keys k where not to_jsonb(k) ? 'sha256' or to_jsonb(k) -> 'digest' = 'null')
"""
_IS_REQUIRED = "select attnotnull from pg_attribute where attrelid = 'api_keys'::regclass and attname = 'digest'"
_REQUIRE = "alter table api_keys alter column digest set not null"
_OF_BEFORE = "select id, sha256 from api_keys where digest is null"
_KEY_IT = "update api_keys set digest = $2, sha256 = null where id = $1"


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


async def create(db: Database, seals: Seals, name: str, grant: Grant, *, expires_in: timedelta | None = None) -> str:
    """Stores a new key and returns its only plain copy."""
    key_id = secrets.token_hex(ID_BYTES)
    key = f"hark_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    role, scopes = (grant, None) if isinstance(grant, str) else (None, sorted(grant))
    await db.execute(_CREATE, key_id, _digest(seals, _sha256(key)), name, role, scopes, expires_in)
    return key


def id_of(key: str) -> str:
    """The part of a key that is no secret."""
    return key.split("_", 2)[1]


async def verify(db: Database, seals: Seals, key: str) -> Verified | None:
    """A key that may be used, or None. What is no key, an unknown one and one with a wrong secret are the same: a
    digest that no row has."""
    row = await db.fetchrow(_FIND, _digest(seals, _sha256(key)))
    if row is None:
        return None
    return Verified(row["id"], scopes_of(row["role"], row["scopes"]), row["expires_in_s"])


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


async def are_of_before(db: Database) -> bool:
    """Whether there are keys whose digests were made without a key, in a database of whichever version."""
    if await db.fetchval("select to_regclass('api_keys')") is None:
        return False
    return bool(await db.fetchval(_ARE_OF_BEFORE))


async def key_those_of_before(db: Database, seals: Seals) -> int:
    """Keys their digests; until then none of them opens anything. Gives how many there were."""
    rows = await db.fetch(_OF_BEFORE)
    for row in rows:
        await db.execute(_KEY_IT, row["id"], _digest(seals, row["sha256"]))
    return len(rows)


async def require_keyed(db: Database) -> None:
    """Once none is left: from then on Postgres takes no other, or whoever writes to it could have one keyed."""
    if not await db.fetchval(_IS_REQUIRED):  # asked first: the lock it takes keeps everybody else waiting
        await db.execute(_REQUIRE)


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _digest(seals: Seals, sha256: bytes) -> bytes:
    return seals.digest(sha256.hex(), "api_keys")
