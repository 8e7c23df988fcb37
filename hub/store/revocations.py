"""Revocations of user tokens, in the order of their commits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.store.postgres import Database
from sessions.revocations import Kind, Revocation
from sessions.user_tokens import LEEWAY_S, LONGEST_S

# A token revoked now may be good for so long: it may say that it was issued a moment later, and a hub's clock may be
# behind that of Postgres.
KEPT = timedelta(seconds=LONGEST_S + 2 * LEEWAY_S)

_REVOKE = """
with next as (
    update revocation_state set revision = revision + 1 returning revision
)
insert into revocations as r (kind, subject, issued_before, forgotten_at, revision)
select $1, s.subject, coalesce($3, now()), coalesce($3, now()) + $4, next.revision
from next, unnest($2::text[]) as s (subject) order by s.subject
on conflict (kind, subject) do update set
    id = excluded.id,
    issued_before = greatest(case when not r.undone then r.issued_before end, excluded.issued_before),
    undone = false,
    forgotten_at = greatest(r.forgotten_at, excluded.forgotten_at),
    revision = excluded.revision
returning forgotten_at
"""
_SINCE = """
select s.revision as head, r.kind, r.subject, extract(epoch from r.issued_before)::float8 as issued_before,
       extract(epoch from r.forgotten_at)::float8 as forgotten_at, r.undone
from revocation_state s
left join revocations r on r.forgotten_at > now() and r.revision > case when s.revision < $1 then 0 else $1 end
"""
_IN_FORCE = """
select id, kind, subject, issued_before, forgotten_at, revision from revocations
where not undone and forgotten_at > now() and (revision, subject) < ($1, $2)
order by revision desc, subject desc limit $3
"""
# The revision first, as when revoking: who revokes the same meanwhile is before it, and then it has another id.
_UNDO = """
with next as (
    update revocation_state set revision = revision + 1
    where exists (select from revocations where id = $1 and not undone) returning revision
)
update revocations r set undone = true, revision = next.revision from next
where r.id = $1 and not r.undone and r.forgotten_at > now() returning r.kind, r.subject
"""
_FORGET = "delete from revocations where forgotten_at <= now()"


class Since(NamedTuple):
    """What was revoked since a revision, and the revision it leads to."""

    revision: int
    revocations: list[Revocation]


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """A revocation: tokens of `subject` that were issued before a time are refused; of kind `token`, that one."""

    id: UUID
    kind: Kind
    subject: str
    issued_before: datetime
    forgotten_at: datetime


class Place(NamedTuple):
    """In the list of revocations."""

    revision: int
    subject: str


START = Place(2**63 - 1, "")  # of the list


class Listed(NamedTuple):
    """A page, newest first, and the place behind it; None on the last."""

    revocations: Sequence[InForce]
    next: Place | None


async def revoke(db: Database, kind: Kind, subjects: Collection[str], *, before: datetime | None) -> datetime:
    """Ends the tokens of these subjects that were issued before a time, or until now; what was revoked stays revoked.
    At least one subject. Gives when it will be forgotten."""
    await db.execute(_FORGET)
    rows = await db.fetch(_REVOKE, kind, sorted(set(subjects)), before, KEPT)
    forgotten_at: list[datetime] = [row["forgotten_at"] for row in rows]
    return max(forgotten_at)


async def since(db: Database, revision: int) -> Since:
    """All that came after `revision`; all there is when the database is behind it: then it is a restored backup."""
    rows = await db.fetch(_SINCE, revision)
    found = [
        Revocation(row["kind"], row["subject"], row["issued_before"], row["forgotten_at"], undone=row["undone"])
        for row in rows
        if row["kind"] is not None
    ]
    return Since(rows[0]["head"], found)


async def in_force(db: Database, *, behind: Place, limit: int) -> Listed:
    """Those behind a place, each subject once however often it was revoked."""
    rows = await db.fetch(_IN_FORCE, *behind, limit)
    found = [InForce(**{name: row[name] for name in InForce.__struct_fields__}) for row in rows]
    return Listed(found, Place(rows[-1]["revision"], rows[-1]["subject"]) if len(rows) == limit else None)


async def undo(db: Database, revocation_id: UUID) -> dict[str, str]:
    """The subject's tokens are good again, those too that were revoked before this. Gives the subject by its kind;
    nothing when there is no such revocation, any more or since the subject was revoked again."""
    row = await db.fetchrow(_UNDO, revocation_id)
    return {} if row is None else {row["kind"]: row["subject"]}
