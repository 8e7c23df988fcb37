"""Revocations of user tokens, in the order of their commits."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

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
    issued_before = greatest(r.issued_before, excluded.issued_before),
    forgotten_at = greatest(r.forgotten_at, excluded.forgotten_at),
    revision = excluded.revision
returning forgotten_at
"""
_SINCE = """
select s.revision as head, r.kind, r.subject, extract(epoch from r.issued_before)::float8 as issued_before,
       extract(epoch from r.forgotten_at)::float8 as forgotten_at
from revocation_state s
left join revocations r on r.forgotten_at > now() and r.revision > case when s.revision < $1 then 0 else $1 end
"""
_FORGET = "delete from revocations where forgotten_at <= now()"


class Since(NamedTuple):
    """What was revoked since a revision, and the revision it leads to."""

    revision: int
    revocations: list[Revocation]


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
        Revocation(row["kind"], row["subject"], row["issued_before"], row["forgotten_at"])
        for row in rows
        if row["kind"] is not None
    ]
    return Since(rows[0]["head"], found)
