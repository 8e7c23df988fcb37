"""Idempotency keys: the answer a sender got, kept in the transaction that made it true."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from hub.draft import Acceptance, Draft, IdempotencyKey, IdempotencyKeyReusedError
from hub.store.postgres import Database, Transaction, touched

# Waits for another hub's transaction that holds the same key, and then sees its row.
_CLAIM = """
insert into idempotency (sender, key, fingerprint)
select * from unnest($1::text[], $2::text[], $3::bytea[]) as c (sender, key, fingerprint) order by sender, key
on conflict do nothing returning sender, key
"""
_KNOWN = """
select i.sender, i.key, i.fingerprint, i.answer
from idempotency i join unnest($1::text[], $2::text[]) as w (sender, key) using (sender, key)
"""
_ANSWER = """
update idempotency i set answer = a.answer
from unnest($1::text[], $2::text[], $3::json[]) as a (sender, key, answer)
where i.sender = a.sender and i.key = a.key
"""
_FORGET = """
delete from idempotency where (sender, key) in (
    select sender, key from idempotency where created_at <= now() - $1::interval
    order by created_at limit $2 for update skip locked
)
"""

_decode = msgspec.json.Decoder(Acceptance).decode

Known = dict[UUID, Acceptance | IdempotencyKeyReusedError]


async def claim(connection: Transaction, drafts: Sequence[Draft]) -> Known:
    """Takes the drafts' keys; gives, by draft, what those are answered whose key is taken. No key comes twice."""
    wanted = {(draft.sender, key.key): draft for draft in drafts if (key := draft.idempotency) is not None}
    if not wanted:
        return {}
    rows = await connection.fetch(
        _CLAIM,
        [sender for sender, _ in wanted],
        [key for _, key in wanted],
        [draft.idempotency.fingerprint for draft in wanted.values() if draft.idempotency is not None],
    )
    taken = wanted.keys() - {(row["sender"], row["key"]) for row in rows}
    if not taken:
        return {}
    found = await connection.fetch(_KNOWN, [sender for sender, _ in taken], [key for _, key in taken])
    known: Known = {}
    for row in found:
        draft = wanted[row["sender"], row["key"]]
        known[draft.id] = _replay(draft.idempotency, row["fingerprint"], row["answer"])
    return known


async def answer(
    connection: Transaction,
    drafts: Sequence[Draft],
    answers: Mapping[UUID, Acceptance | IdempotencyKeyReusedError],
) -> None:
    """Keeps what these drafts, whose keys were just taken, are answered."""
    if drafts:
        await connection.execute(
            _ANSWER,
            [draft.sender for draft in drafts],
            [draft.idempotency.key for draft in drafts if draft.idempotency is not None],
            [msgspec.json.encode(answers[draft.id]).decode() for draft in drafts],
        )


async def forget(db: Database, *, kept: timedelta, limit: int) -> int:
    """Deletes up to `limit` that are older than `kept`; gives how many."""
    return touched(await db.execute(_FORGET, kept, limit))


def _replay(wanted: IdempotencyKey | None, fingerprint: bytes, stored: str) -> Acceptance | IdempotencyKeyReusedError:
    if wanted is None or wanted.fingerprint != fingerprint:
        return IdempotencyKeyReusedError()
    return msgspec.structs.replace(_decode(stored), replayed=True)
