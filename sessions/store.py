"""The SQL of device sessions. The caller owns the connection and the transaction."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Connection, Pool, Record
from asyncpg.pool import PoolConnectionProxy

from sessions.sealing import Seals, Unreadable
from sessions.session import Evidence, Reachable, Registration, Session

Database: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record] | Pool[Record]"

_COLUMN = "sessions.token"

_FIELDS = "id, user_id, platform, provider, app, locale, timezone, state, created_at, registered_at, gone_at"

# One statement, so that two registrations of one token at once leave one owner. A token that comes to another
# user gets a new session id: what the old owner knew about it ends there.
_REGISTER = f"""
insert into sessions as s (id, user_id, platform, app, token, token_digest, locale, timezone, provider, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active')
on conflict (token_digest) where state = 'active' do update set
    id = case when s.user_id = excluded.user_id then s.id else excluded.id end,
    created_at = case when s.user_id = excluded.user_id then s.created_at else now() end,
    user_id = excluded.user_id, platform = excluded.platform, app = excluded.app, token = excluded.token,
    provider = excluded.provider,
    locale = excluded.locale, timezone = excluded.timezone, registered_at = now()
returning {_FIELDS}
"""  # noqa: S608 - constants only

_OF_USER = f"select {_FIELDS} from sessions where user_id = $1 order by created_at, id"  # noqa: S608 - constants only

_REACHABLE = """
select id, user_id, provider, app, token, token_digest from sessions
where user_id = any($1) and state = 'active' order by user_id, created_at, id
"""

# A token registered again after the provider's timestamp is alive: the provider spoke of its past.
_QUARANTINE = """
update sessions set state = 'gone', gone_at = now(), evidence = $3
where id = $1 and state = 'active' and registered_at <= coalesce($2, now())
"""


async def register(db: Database, seals: Seals, session_id: UUID, registration: Registration) -> Session:
    """Creates, refreshes or moves the session of one token; its id is `session_id` when it is new to the user."""
    r = registration
    digest = digest_of(seals, r.unique_part)
    token = seals.seal(r.token, *place_of(r.user_id, digest))
    row = await db.fetchrow(
        _REGISTER, session_id, r.user_id, r.platform, r.app, token, digest, r.locale, r.timezone, r.provider
    )
    assert row is not None, "an upsert returns its row"  # noqa: S101 - tells the type checker what SQL promises
    return _session(row)


async def of_user(db: Database, user_id: str) -> list[Session]:
    """All sessions of a user, gone ones included, oldest first."""
    return [_session(row) for row in await db.fetch(_OF_USER, user_id)]


async def unregister(db: Database, user_id: str, session_id: UUID | None) -> int:
    """Deletes one session, or with None all of the user's; returns how many there were."""
    deleted = await db.fetch(
        "delete from sessions where user_id = $1 and ($2::uuid is null or id = $2) returning id",
        user_id,
        session_id,
    )
    return len(deleted)


async def reachable(db: Database, seals: Seals, user_ids: Sequence[str]) -> list[Reachable]:
    """The active sessions of these users."""
    return [_reachable(row, seals) for row in await db.fetch(_REACHABLE, user_ids)]


async def quarantine(db: Database, session_id: UUID, evidence: Evidence) -> bool:
    """Takes a session out of use because a provider called its token dead; False: it was registered since."""
    status = await db.execute(_QUARANTINE, session_id, evidence.since, msgspec.json.encode(evidence).decode())
    return status == "UPDATE 1"


def digest_of(seals: Seals, unique_part: str) -> bytes:
    """How two registrations of one token are recognised."""
    return seals.digest(unique_part, _COLUMN)


def place_of(user_id: str, digest: bytes) -> tuple[str, ...]:
    """What a token is sealed for. Not the session's id: only the upsert knows whether it stays."""
    return _COLUMN, user_id, digest.hex()


def _reachable(row: Record, seals: Seals) -> Reachable:
    token = seals.open(row["token"], *place_of(row["user_id"], row["token_digest"]))
    target = row["id"], row["user_id"], row["provider"], row["app"]
    return Reachable(*target, "", token.flaw) if isinstance(token, Unreadable) else Reachable(*target, token)


def _session(row: "Record | dict[str, Any]") -> Session:
    return Session(**dict(row))
