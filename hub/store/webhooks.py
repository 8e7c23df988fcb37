"""Webhooks and their signing secrets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
import structlog

from delivery.webhook.event import EventType
from hub.store.postgres import Database, touched
from hub.vault import Vault
from sessions.sealing import Unreadable

MOST = 100  # each event is stored once for every webhook that wants it
OLD_SECRET_SIGNS = timedelta(hours=24)
SIGNING = 5  # secrets at once, however often they were rotated

log = structlog.get_logger()

Reason = Literal["requested", "gone", "failing"]

_COLUMNS = """id, url, events, description, created_at, disabled_at, disabled_reason, failing_since, last_success_at,
last_failure_at, last_failure"""

_CREATE = f"""
with made as (
    insert into webhooks (id, url, events, description)
    select $1, $2, $3, $4 where (select count(*) from webhooks) < {MOST}
    returning {_COLUMNS}
), signed as (
    insert into webhook_secrets (webhook_id, secret) select id, $5 from made
)
select * from made
"""  # noqa: S608 - constants of ours

_LIST = f"select {_COLUMNS} from webhooks order by created_at, id"  # noqa: S608
_FIND = f"select {_COLUMNS} from webhooks where id = $1"  # noqa: S608

# Another URL is another receiver: its failures are counted from nothing, and so are those of one that is enabled again.
_CHANGE = f"""
update webhooks set
    failing_since = case when $2 <> url or (disabled_at is not null and $6) then null else failing_since end,
    url = coalesce($2, url),
    events = case when $3 then $4 else events end,
    description = coalesce($5, description),
    disabled_at = case when $6 then null when not $6 then coalesce(disabled_at, now()) else disabled_at end,
    disabled_reason = case when $6 then null when not $6 then coalesce(disabled_reason, 'requested')
                           else disabled_reason end
where id = $1 returning {_COLUMNS}
"""  # noqa: S608

_DELETE = """
with deleted as (
    delete from webhooks where id = $1 returning id
), forgotten as (
    delete from webhook_secrets s using deleted d where s.webhook_id = d.id
)
select from deleted
"""

_ROTATE = """
with retired as (
    update webhook_secrets set until = now() + $3 where webhook_id = $1 and until is null
), made as (
    insert into webhook_secrets (webhook_id, secret) select id, $2 from webhooks where id = $1 returning webhook_id
)
select from made
"""

_SECRETS = """
select secret from webhook_secrets where webhook_id = $1 and (until is null or until > now())
order by created_at desc limit $2
"""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it may be shown: never its secrets."""

    id: UUID
    url: str
    events: list[EventType] | None  # None: all
    description: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: Reason | None
    failing_since: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another way; None: as it is."""

    url: str | None = None
    events: list[EventType] | msgspec.UnsetType | None = msgspec.UNSET
    description: str | None = None
    enabled: bool | None = None


async def create(
    db: Database,
    vault: Vault,
    webhook_id: UUID,
    *,
    url: str,
    events: Sequence[EventType] | None,
    description: str,
    secret: str,
) -> Webhook | None:
    """Stores a new one, enabled; None: there are too many."""
    sealed = vault.seal(secret, *place_of(webhook_id))
    row = await db.fetchrow(_CREATE, webhook_id, url, events, description, sealed)
    return None if row is None else _webhook(row)


async def all_webhooks(db: Database) -> list[Webhook]:
    """Oldest first."""
    return [_webhook(row) for row in await db.fetch(_LIST)]


async def find(db: Database, webhook_id: UUID) -> Webhook | None:
    """One of them."""
    row = await db.fetchrow(_FIND, webhook_id)
    return None if row is None else _webhook(row)


async def change(db: Database, webhook_id: UUID, wanted: Change) -> Webhook | None:
    """As it is afterwards; None: there is none."""
    given = wanted.events is not msgspec.UNSET
    events = None if wanted.events is msgspec.UNSET else wanted.events
    row = await db.fetchrow(_CHANGE, webhook_id, wanted.url, given, events, wanted.description, wanted.enabled)
    return None if row is None else _webhook(row)


async def delete(db: Database, webhook_id: UUID) -> bool:
    """False: there is none. Its events are left to `webhook_events.forget`."""
    return touched(await db.execute(_DELETE, webhook_id)) == 1


async def rotate(db: Database, vault: Vault, webhook_id: UUID, secret: str) -> bool:
    """From now on this secret signs, and for a while the ones before it too. False: there is no such webhook."""
    sealed = vault.seal(secret, *place_of(webhook_id))
    return touched(await db.execute(_ROTATE, webhook_id, sealed, OLD_SECRET_SIGNS)) == 1


async def signing(db: Database, vault: Vault, webhook_id: UUID) -> list[str]:
    """The secrets that sign now, the newest first."""
    return opened(vault, webhook_id, [row["secret"] for row in await db.fetch(_SECRETS, webhook_id, SIGNING)])


def opened(vault: Vault, webhook_id: UUID, stored: Sequence[str]) -> list[str]:
    """Secrets as they sign. What cannot be read is left out, and logged."""
    found = [vault.open(one, *place_of(webhook_id)) for one in stored]
    for secret in found:
        if isinstance(secret, Unreadable):
            log.error("webhook.secret_unreadable", webhook_id=str(webhook_id), flaw=secret.flaw)
    return [secret for secret in found if not isinstance(secret, Unreadable)]


def place_of(webhook_id: UUID) -> tuple[str, ...]:
    """What a secret is sealed for."""
    return "webhook_secrets.secret", str(webhook_id)


def _webhook(row: asyncpg.Record) -> Webhook:
    return Webhook(**dict(row))
