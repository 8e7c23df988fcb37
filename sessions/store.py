"""The SQL of device sessions. The caller owns the connection and the transaction."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Connection, Pool, Record
from asyncpg.pool import PoolConnectionProxy

from sessions.ownership import Owner, may_have
from sessions.sealing import Seals, Unreadable
from sessions.session import Evidence, Reachable, Registration, Session

Database: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record] | Pool[Record]"

_COLUMN = "sessions.token"
_PROOF = "sessions.secret_digest"

_FIELDS = "id, user_id, platform, provider, app, locale, timezone, state, created_at, registered_at, gone_at"

# One statement, so that two registrations of one token at once leave one owner. A token that comes to another
# user gets a new session id: what the old owner knew about it ends there. It comes to them only from the session that
# `may_have` was asked about ($11, $12): if that is another by now, no row comes back.
_REGISTER = f"""
insert into sessions as s (id, user_id, platform, app, token, token_digest, locale, timezone, provider, state,
                           secret_digest)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10)
on conflict (token_digest) where state = 'active' do update set
    id = case when s.user_id = excluded.user_id then s.id else excluded.id end,
    created_at = case when s.user_id = excluded.user_id then s.created_at else now() end,
    user_id = excluded.user_id, platform = excluded.platform, app = excluded.app, token = excluded.token,
    provider = excluded.provider,
    secret_digest = case when s.user_id = excluded.user_id then coalesce(excluded.secret_digest, s.secret_digest)
                         else excluded.secret_digest end,
    locale = excluded.locale, timezone = excluded.timezone, registered_at = now()
where s.user_id = excluded.user_id or (s.id = $11 and s.secret_digest is not distinct from $12)
returning {_FIELDS}
"""  # noqa: S608 - constants only

_OWNER = "select id, user_id, secret_digest from sessions where token_digest = $1 and state = 'active'"

_OF_USER = f"select {_FIELDS} from sessions where user_id = $1 order by created_at, id"  # noqa: S608 - constants only

_REACHABLE = """
select id, user_id, provider, app, token, token_digest, platform from sessions
where user_id = any($1) and state = 'active' order by user_id, created_at, id
"""

# A token registered again after the provider's timestamp is alive: the provider spoke of its past.
_QUARANTINE = """
update sessions set state = 'gone', gone_at = now(), evidence = $3
where id = $1 and state = 'active' and registered_at <= coalesce($2, now())
"""


async def register(db: Database, seals: Seals, session_id: UUID, registration: Registration) -> Session | Owner:
    """Creates, refreshes or moves the session of one token; its id is `session_id` when it is new to the user.

    An owner: the token is that user's, and stays theirs (see `may_have`).
    """
    r = registration
    digest = digest_of(seals, r.unique_part)
    token = seals.seal(r.token, *place_of(r.user_id, digest))
    secret = None if r.secret is None else seals.digest(r.secret, _PROOF)
    given = (r.user_id, r.platform, r.app, token, digest, r.locale, r.timezone, r.provider, secret)
    moved_from: tuple[UUID | None, bytes | None] = (None, None)
    while True:  # again only when the token changed hands in this very moment
        row = await db.fetchrow(_REGISTER, session_id, *given, *moved_from)
        if row is not None:
            return _session(row)
        found = await db.fetchrow(_OWNER, digest)
        if found is not None:
            owner = Owner(*found)
            if not may_have(owner, r, secret):
                return owner
            moved_from = (owner.session_id, owner.secret_digest)


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
    if isinstance(token, Unreadable):
        return Reachable(*target, "", token.flaw)
    return Reachable(*target, token, platform=row["platform"])


def _session(row: "Record | dict[str, Any]") -> Session:
    return Session(**dict(row))
