"""Reading inboxes and writing down what clients did with them. Everything takes many users at once: what arrives
together is answered by one query."""

from collections.abc import Sequence
from typing import NamedTuple, NoReturn
from uuid import UUID

import asyncpg
import msgspec

from delivery.ladder import BACKGROUND_S
from hub import metrics
from hub.cursor import cursor_at
from hub.notification import Entry, Page
from hub.store import clearings
from hub.store.outbox import telling, with_events
from hub.store.postgres import Database, Pool, Transaction, touched

_POSITIONS = """
select w.user_id as whose, coalesce(i.head, 0) as head, coalesce(i.unread, 0) as unread, e.notification_id,
       coalesce(i.archive_rev, 0) as archive_rev
from unnest($1::text[], $2::bigint[]) with ordinality as w (user_id, seq, place)
left join inboxes i on i.user_id = w.user_id
left join entries e on e.user_id = w.user_id and e.seq = coalesce(w.seq, i.head)
order by place
"""

# The head is read in the same snapshot as the page: what is missing below it expired or was
# withdrawn, and was not just late.
_PAGES = """
select w.place, coalesce(e.user_id, w.user_id) as whose, coalesce(i.head, 0) as head, e.*
from unnest($1::text[], $2::bigint[]) with ordinality as w (user_id, after, place)
left join inboxes i on i.user_id = w.user_id
left join lateral (
    select e.user_id, e.seq, n.id, n.title, n.message, n.data, n.priority, e.created_at, e.seen_at, e.read_at,
           e.archived_at
    from entries e join notifications n on n.id = e.notification_id
    where e.user_id = w.user_id and e.seq > w.after
      and (e.expires_at is null or e.expires_at > now()) and e.withdrawn_at is null
    order by e.seq limit $3
) e on true
order by w.place, e.seq
"""

_HISTORY = """
select e.user_id, e.seq, n.id, n.title, n.message, n.data, n.priority, e.created_at, e.seen_at, e.read_at, e.archived_at
from entries e join notifications n on n.id = e.notification_id
where e.user_id = $1 and e.seq < $2 and (e.expires_at is null or e.expires_at > now()) and e.withdrawn_at is null
      and e.archived_at is {archived}
order by e.seq desc limit $3
"""
_LIST = _HISTORY.format(archived="null")
_ARCHIVED = _HISTORY.format(archived="not null")

# The row of nobody is not about an inbox: who looks at all of a node's inboxes hears on the way whether a token was
# revoked since (hub.store.revocations).
_HEADS = """
select user_id, head from inboxes where user_id = any($1)
union all select null, revision from revocation_state
"""

# An ack of a device that nobody looks at (background) puts the ladder off; any other ends it, unless its goal is more.
# The first one is what this transaction wrote: nothing else says now(). The sub-select hides the length of the arrays
# from the planner, which then keeps one plan for all: to make a new one each time takes longer than an ack.
_ACK = with_events(
    """
with acked as (
    update entries e set
        acked_at = coalesce(e.acked_at, now()),
        background = a.background,
        due_at = case when e.goal > 0 or e.due_at is null then e.due_at
                      when a.background then greatest(e.due_at, now() + $5::float8 * interval '1 second') end
    from unnest((select $1::text[]), $2::bigint[], $3::bigint[], $4::bool[]) as a (user_id, after, upto, background)
    where e.user_id = a.user_id and e.seq > a.after and e.seq <= a.upto
          and (e.acked_at is null or (e.background and not a.background))
    returning e.user_id, e.seq, e.notification_id, e.acked_at = now() as is_first
), delivered as ({delivered})
select from acked
""",
    delivered=telling("notification.delivered", told="acked", where="t.is_first"),
)

_SEEN = with_events(
    """
with seen as (
    update entries set
        seen_at = now(), acked_at = coalesce(acked_at, now()), due_at = case when goal > 1 then due_at end
    where user_id = $1 and seq = any($2) and seen_at is null
    returning user_id, seq, notification_id, acked_at = now() as is_first
), delivered as ({delivered})
select seq from seen
""",
    delivered=telling("notification.delivered", told="seen", where="t.is_first"),
)

_UNREAD = "select unread, head from inboxes where user_id = $1"
_LOCK = "select 1 from inboxes where user_id = $1 for update"

_READ = with_events(
    """
with read as (
    update entries set
        read_at = now(), seen_at = coalesce(seen_at, now()), acked_at = coalesce(acked_at, now()), due_at = null
    where user_id = $1 and (seq = any($2) or seq <= $3) and read_at is null and withdrawn_at is null
    returning user_id, seq, notification_id, acked_at = now() as is_first, {maybe_shown} as maybe_shown
), noted as ({noted}
), delivered as ({delivered}
), known as ({read})
update inboxes set unread = unread - (select count(*) from read) where user_id = $1
returning unread, head, array(select seq from read order by seq) as seqs,
          exists (select from read where maybe_shown) as maybe_shown
""",
    maybe_shown=clearings.MAYBE_SHOWN,
    noted=clearings.noted("read"),
    delivered=telling("notification.delivered", told="read", where="t.is_first"),
    read=telling("notification.read", told="read", where="true"),
)


class Position(NamedTuple):
    """Where an inbox stands, and the notification at the seq that was asked for, if it is still there."""

    head: int
    unread: int
    id_at_seq: UUID | None
    archive_rev: int = 0  # how often something was archived or taken back


class Heads(NamedTuple):
    """The newest seq of each inbox, and the newest revision of what was revoked."""

    by_user: dict[str, int]
    revision: int


class Marked(msgspec.Struct, frozen=True):
    """Entries whose state a client changed, and the user's unread count up to `head`."""

    seqs: list[int]
    unread: int
    head: int
    maybe_shown: bool = False  # some were read, and may be on a device's screen as pushes
    archive_rev: int = 0  # when that is what was changed: as in a Position


NOTHING = Marked([], 0, 0)  # in an inbox that does not exist


class ForeignRows(Exception):
    """Asked for one user's entries, the database answered with another's. None of the answer may be used."""


async def positions(db: Database, wanted: Sequence[tuple[str, int | None]]) -> list[Position]:
    """For each (user, seq), or (user, None) for the head: where the inbox stands; one that does not exist, at 0. Raises
    ForeignRows."""
    users = [user for user, _ in wanted]
    rows = await db.fetch(_POSITIONS, users, [seq for _, seq in wanted])
    if [row["whose"] for row in rows] != users:
        await _refuse_foreign(db)
    return [Position(*position) for _, *position in rows]


async def pages(db: Database, wanted: Sequence[tuple[str, int]], *, limit: int) -> list[Page]:
    """For each (user, after): up to `limit` unexpired entries with a greater seq, in order. Raises ForeignRows."""
    rows = await db.fetch(_PAGES, [user for user, _ in wanted], [after for _, after in wanted], limit)
    heads = [0] * len(wanted)
    entries: list[list[Entry]] = [[] for _ in wanted]
    for row in rows:
        place = row["place"] - 1
        if place >= len(wanted) or row["whose"] != wanted[place][0]:
            await _refuse_foreign(db)
        heads[place] = row["head"]
        if row["seq"] is not None:
            entries[place].append(_entry(row))
    return [Page(head, found, len(found) == limit) for head, found in zip(heads, entries, strict=True)]


async def history(db: Database, user_id: str, *, before: int, limit: int, archived: bool) -> list[Entry]:
    """The user's entries below `before`, newest first: those that are archived, or the others. Raises ForeignRows."""
    rows = await db.fetch(_ARCHIVED if archived else _LIST, user_id, before, limit)
    if any(row["user_id"] != user_id for row in rows):
        await _refuse_foreign(db)
    return [_entry(row) for row in rows]


async def _refuse_foreign(db: Database) -> NoReturn:
    # A driver that hands out the answer to another question, as after a cancelled one, goes on to do so (CVE-2023-28858
    # of another driver): no connection that is open now is used again.
    metrics.foreign.inc()
    if isinstance(db, asyncpg.Pool):
        await db.expire_connections()
    raise ForeignRows("the database answered with another user's entries")


async def heads(db: Database, user_ids: Sequence[str]) -> Heads:
    """The newest seq of each of these users that has an inbox."""
    found = {row["user_id"]: row["head"] for row in await db.fetch(_HEADS, user_ids)}
    revision = found.pop(None)
    return Heads(found, revision)


class Ack(NamedTuple):
    """A device applied the entries in (after, upto]."""

    user_id: str
    after: int
    upto: int
    background: bool  # nobody looks at the device


async def ack(db: Database, acks: Sequence[Ack]) -> int:
    """Writes these down; gives how many entries that changed."""
    ordered = sorted(acks)  # one order everywhere: two nodes' acks of one user cannot deadlock
    return touched(await db.execute(_ACK, *zip(*ordered, strict=True), BACKGROUND_S))


async def mark_seen(db: Database, user_id: str, seqs: Sequence[int]) -> Marked:
    """The user saw these entries."""
    rows = await db.fetch(_SEEN, user_id, seqs)
    inbox = await db.fetchrow(_UNREAD, user_id)
    return NOTHING if inbox is None else Marked(sorted(row["seq"] for row in rows), *inbox)


async def mark_read(db: Pool, user_id: str, seqs: Sequence[int], through: int) -> Marked:
    """The user read these entries, or with `through` all up to it. The unread count changes in the same transaction."""
    async with db.acquire() as connection, connection.transaction():
        if not await locked(connection, user_id):
            return NOTHING
        row = await connection.fetchrow(_READ, user_id, seqs, through)
    return NOTHING if row is None else Marked(list(row["seqs"]), row["unread"], row["head"], row["maybe_shown"])


async def locked(connection: Transaction, user_id: str) -> bool:
    """Locks the inbox, before its entries, as sending does; whether there is one."""
    return await connection.fetchval(_LOCK, user_id) is not None


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        seq=row["seq"],
        id=row["id"],
        title=row["title"],
        message=row["message"],
        data=msgspec.Raw(row["data"]),
        priority=row["priority"],
        created_at=row["created_at"],
        cursor=str(cursor_at(row["seq"], row["id"])),
        seen=row["seen_at"] is not None,
        read=row["read_at"] is not None,
        archived=row["archived_at"] is not None,
    )
