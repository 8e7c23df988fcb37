"""Events that webhooks are still to be told: claimed under a lease and a fence, like entries that are due."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from delivery.webhook.event import Event
from hub.store.postgres import Database, touched
from hub.store.webhooks import SIGNING, Reason, opened
from hub.vault import Vault

# Of each webhook as many as this worker has room for, so that one that hangs holds up its own events only.
_CLAIM = """
with due as (
    select e.id from webhooks w
    left join unnest($1::uuid[], $2::int[]) as h (webhook_id, in_hand) on h.webhook_id = w.id
    cross join lateral (
        select id from webhook_events where webhook_id = w.id and due_at <= now()
        order by due_at limit greatest($3 - coalesce(h.in_hand, 0), 0) for update skip locked
    ) e
    where w.disabled_at is null
), claimed as (
    update webhook_events e set due_at = now() + $4, fence = fence + 1
    from due where e.id = due.id
    returning e.id, e.webhook_id, e.type, e.data, e.created_at, e.fence, e.failures
)
select c.*, w.url, array(
    select secret from webhook_secrets where webhook_id = w.id and (until is null or until > now())
    order by created_at desc limit $5
) as signing
from claimed c join webhooks w on w.id = c.webhook_id
"""

# Whoever's lease is over has nothing to say about the event any more.
_END = """
with ended as (
    select * from unnest($1::uuid[], $2::int[], $3::float8[]) as r (id, fence, retry_in_s)
), over as (
    delete from webhook_events e using ended r where e.id = r.id and e.fence = r.fence and r.retry_in_s is null
)
update webhook_events e set failures = failures + 1, due_at = now() + r.retry_in_s * interval '1 second'
from ended r where e.id = r.id and e.fence = r.fence and r.retry_in_s is not null
"""

# In one order, so that two workers cannot deadlock. What was said of another URL than the present one counts no more.
_FARED = """
with fared as (
    select * from unnest($1::uuid[], $2::text[], $3::bool[], $4::text[], $5::bool[])
        as f (webhook_id, url, succeeded, failure, gone)
), present as (
    select w.id, f.succeeded, f.failure,
           case when w.disabled_at is not null then null when f.gone then 'gone'
                when not f.succeeded and w.failing_since < now() - $6::interval then 'failing' end as ends
    from webhooks w join fared f on f.webhook_id = w.id and f.url = w.url order by w.id for update of w
)
update webhooks w set
    last_success_at = case when p.succeeded then now() else w.last_success_at end,
    last_failure_at = case when p.failure is not null then now() else w.last_failure_at end,
    last_failure = coalesce(p.failure, w.last_failure),
    failing_since = case when not p.succeeded then coalesce(w.failing_since, now()) end,
    disabled_at = case when p.ends is not null then now() else w.disabled_at end,
    disabled_reason = coalesce(p.ends, w.disabled_reason)
from present p where w.id = p.id
returning w.id, p.ends
"""

_FORGET = """
delete from webhook_events where id in (
    select e.id from webhook_events e left join webhooks w on w.id = e.webhook_id
    where w.id is null or (w.disabled_at is not null and e.created_at < now() - $1::interval)
    limit $2 for update of e skip locked
)
"""

_BACKLOG = """
select count(*) as due, coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as oldest_s
from webhook_events e join webhooks w on w.id = e.webhook_id where e.due_at <= now() and w.disabled_at is null
"""


class Backlog(NamedTuple):
    """How many events are due and not yet claimed, and for how long the oldest has been."""

    due: int
    oldest_s: float


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An event this worker has until its lease is over, and whom to tell it."""

    webhook_id: UUID
    url: str
    signing: Sequence[str]
    id: UUID
    fence: int
    failures: int  # calls that failed before
    event: Event


class Ended(NamedTuple):
    """What is left of a claimed event."""

    id: UUID
    fence: int
    retry_in_s: float | None  # None: nothing


class Fared(NamedTuple):
    """How a webhook fared in calls that ended."""

    webhook_id: UUID
    url: str
    succeeded: bool  # one of them did
    failure: str | None  # the last that did not, in words
    gone: bool  # it said that it is no more


class Disabled(NamedTuple):
    """A webhook that is not called any more."""

    webhook_id: UUID
    reason: Reason


async def claim(
    db: Database, vault: Vault, in_hand: Mapping[UUID, int], *, at_once: int, lease: timedelta
) -> list[Claim]:
    """Takes events that are due, so many of each webhook that `at_once` are in hand, and no other worker is taking."""
    rows = await db.fetch(_CLAIM, list(in_hand), list(in_hand.values()), at_once, lease, SIGNING)
    return [_claim(row, vault) for row in rows]


async def end(db: Database, events: Sequence[Ended]) -> None:
    """Puts back what is to be told again, and deletes the rest."""
    await db.execute(_END, *zip(*sorted(events), strict=True))


async def fared(db: Database, webhooks: Sequence[Fared], *, patience: timedelta) -> list[Disabled]:
    """Writes down how each fared; disables and gives those that are no more, or failed for longer than `patience`
    without one success."""
    rows = await db.fetch(_FARED, *zip(*webhooks, strict=True), patience)
    return [Disabled(row["id"], row["ends"]) for row in rows if row["ends"] is not None]


async def forget(db: Database, *, kept: timedelta, limit: int) -> int:
    """Deletes up to `limit` events of deleted webhooks, and of disabled ones when they are older; gives how many."""
    return touched(await db.execute(_FORGET, kept, limit))


async def backlog(db: Database) -> Backlog:
    """What no worker has come to yet."""
    row = await db.fetchrow(_BACKLOG)
    return Backlog(0, 0.0) if row is None else Backlog(row["due"], row["oldest_s"])


def _claim(row: asyncpg.Record, vault: Vault) -> Claim:
    event = Event(id=str(row["id"]), type=row["type"], at=row["created_at"], data=msgspec.Raw(row["data"].encode()))
    return Claim(
        webhook_id=row["webhook_id"],
        url=row["url"],
        signing=opened(vault, row["webhook_id"], row["signing"]),
        id=row["id"],
        fence=row["fence"],
        failures=row["failures"],
        event=event,
    )
