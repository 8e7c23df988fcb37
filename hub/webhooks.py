"""What the API and the command line do with webhooks beyond storing them: look at a URL, try one out."""

import time
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from delivery.outbound.client import Outbound
from delivery.outbound.failed import Why
from delivery.webhook import way
from delivery.webhook.event import TEST, Event
from delivery.webhook.post import post
from delivery.webhook.schedule import Told, after, words
from delivery.webhook.settings import WebhookSettings
from hub.ids import uuid7
from hub.settings import SettingsError
from hub.store import webhooks as store
from hub.store.postgres import Database
from hub.vault import Vault

# What is away now may be there when it is called; what may not be called never may.
_REFUSALS: dict[Why, str] = {
    "url_not_allowed": "an https URL of a name or an IPv4 address, port 443 or 8443, without user and fragment",
    "address_not_allowed": "a URL that leads to no local or private address (HARK_WEBHOOK_ALLOWED_NETWORKS)",
}


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test."""

    event_id: UUID
    told: bool  # answered with a 2xx
    answer: str  # in words
    took_ms: int


def outbound(settings: WebhookSettings) -> Outbound:
    """The client for webhooks, to be made inside the loop it will be used in. Raises SettingsError."""
    try:
        return way.outbound(settings)
    except ValueError as error:
        raise SettingsError(str(error)) from None


async def refusal(client: Outbound, url: str) -> str | None:
    """What was expected in place of a URL that may never be called; None for any other."""
    failed = await client.check(url)
    return None if failed is None else _REFUSALS.get(failed.why)


async def try_out(db: Database, vault: Vault, client: Outbound, webhook_id: UUID) -> Tested | None:
    """Tells it a `webhook.test` now, once, enabled or not; None: there is no such webhook. Nothing of it is stored."""
    webhook = await store.find(db, webhook_id)
    if webhook is None:
        return None
    now, event_id = datetime.now(UTC), uuid7()
    data = msgspec.Raw(msgspec.json.encode({"webhook_id": webhook_id}))
    event = Event(id=str(event_id), type=TEST, at=now, data=data)
    started = time.perf_counter()
    result = await post(client, webhook.url, await store.signing(db, vault, webhook_id), event)
    return Tested(
        event_id=event_id,
        told=isinstance(after(result, 0, 0.0, now), Told),
        answer=words(result),
        took_ms=round((time.perf_counter() - started) * 1000),
    )
