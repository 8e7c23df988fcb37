"""API keys of servers: `hark_<id>_<secret>`, stored as a digest, shown once."""

import hashlib
import hmac
import secrets
from datetime import datetime

import msgspec

from hub.store.postgres import Database

ID_BYTES = 6
SECRET_BYTES = 32


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it may be shown: never its secret."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


async def create(db: Database, name: str) -> str:
    """Stores a new key and returns its only plain copy."""
    key_id = secrets.token_hex(ID_BYTES)
    key = f"hark_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    await db.execute("insert into api_keys (id, digest, name) values ($1, $2, $3)", key_id, _digest(key), name)
    return key


async def verify(db: Database, key: str) -> str | None:
    """The id of a key that may be used, or None."""
    prefix, _, rest = key.partition("_")
    key_id = rest.partition("_")[0]
    if prefix != "hark" or not key_id.isascii() or "\0" in key_id:
        return None
    stored = await db.fetchval("select digest from api_keys where id = $1 and revoked_at is null", key_id)
    return key_id if stored is not None and hmac.compare_digest(stored, _digest(key)) else None


async def revoke(db: Database, key_id: str) -> bool:
    """Ends a key; False when there is no such key in use."""
    status = await db.execute("update api_keys set revoked_at = now() where id = $1 and revoked_at is null", key_id)
    return status == "UPDATE 1"


async def all_keys(db: Database) -> list[ApiKey]:
    """Every key there ever was, oldest first."""
    rows = await db.fetch("select id, name, created_at, revoked_at from api_keys order by created_at, id")
    return [ApiKey(**dict(row)) for row in rows]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
