"""`/api/v1/webhooks`: where the sender's back end hears what became of notifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.outbound.client import Outbound
from delivery.webhook.event import EventType
from delivery.webhook.signature import new_secret
from hub.api.auth import KeyRing
from hub.api.body import Text, answer, parse, path_uuid
from hub.api.operation import operation
from hub.api.problem import Problem, invalid, not_found
from hub.audit import Deed
from hub.ids import uuid7
from hub.store import audit
from hub.store import webhooks as store
from hub.store.postgres import Pool, transaction
from hub.store.webhooks import Change, Reason, Webhook
from hub.vault import Vault
from hub.webhooks import Tested, refusal, try_out

Found = TypeVar("Found")
Value = TypeVar("Value")

Url = Annotated[Text, Meta(max_length=2048)]
Events = Annotated[list[EventType], Meta(min_length=1, max_length=100)]
Description = Annotated[Text, Meta(max_length=200)]


class CreateRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to tell what; without `events`, everything."""

    url: Url
    events: Events | None = None
    description: Description = ""


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; `events: null` is everything."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType | None = UNSET
    description: Description | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class LastFailure(msgspec.Struct, frozen=True):
    """When, and what came back."""

    at: datetime
    answer: str


class WebhookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and how it fares."""

    id: UUID
    url: str
    events: list[EventType] | None
    description: str
    created_at: datetime
    state: Literal["enabled", "disabled"]
    disabled_at: datetime | None
    disabled_reason: Reason | None
    failing_since: datetime | None
    last_success_at: datetime | None
    last_failure: LastFailure | None
    secret: str | UnsetType = UNSET


class WebhooksAnswer(msgspec.Struct, frozen=True):
    """All of them, oldest first."""

    webhooks: Sequence[WebhookAnswer]


class SecretAnswer(msgspec.Struct, frozen=True):
    """The secret that signs from now on, shown this once."""

    id: UUID
    secret: str


class WebhooksApi:
    """Create, list, find, change, delete, rotate, test."""

    def __init__(self, pool: Pool, vault: Vault, keys: KeyRing, outbound: Outbound) -> None:
        self._pool = pool
        self._vault = vault
        self._keys = keys
        self._outbound = outbound

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        one = "/api/v1/webhooks/{webhook_id}"
        return [
            Route("/api/v1/webhooks", guard(self.create, "webhooks:write"), methods=["POST"]),
            Route("/api/v1/webhooks", guard(self.list, "read"), methods=["GET"]),
            Route(one, guard(self.find, "read"), methods=["GET"]),
            Route(one, guard(self.change, "webhooks:write"), methods=["PATCH"]),
            Route(one, guard(self.delete, "webhooks:write"), methods=["DELETE"]),
            Route(f"{one}/rotate", guard(self.rotate, "webhooks:write"), methods=["POST"]),
            Route(f"{one}/test", guard(self.test, "webhooks:write"), methods=["POST"]),
        ]

    @operation(
        "Create a webhook",
        body=CreateRequest,
        example={"url": "https://shop.example/hark", "events": ["notification.failed"]},
        answers={201: WebhookAnswer},
        refusals=[400, 409, 413, 415, 422],
    )
    async def create(self, request: Request, sender: str) -> Response:
        """201 with the signing secret, which is shown this once."""
        wanted = await parse(request, CreateRequest)
        await self._check(wanted.url)
        secret = new_secret()
        webhook_id = uuid7()
        async with transaction(self._pool) as db:
            webhook = await store.create(
                db,
                self._vault,
                webhook_id,
                url=wanted.url,
                events=wanted.events,
                description=wanted.description,
                secret=secret,
            )
            await audit.append(db, Deed(sender, "webhook.created", _named(webhook_id), webhook is not None))
        if webhook is None:
            raise Problem(409, f"there are {store.MOST} webhooks already, and more are not stored")
        return answer(_shown(webhook, secret), 201)

    @operation("List webhooks", answers={200: WebhooksAnswer})
    async def list(self, _request: Request, _: str) -> Response:
        """All of them, oldest first."""
        return answer(WebhooksAnswer([_shown(webhook) for webhook in await store.all_webhooks(self._pool)]))

    @operation("Find a webhook", answers={200: WebhookAnswer}, refusals=[404])
    async def find(self, request: Request, _: str) -> Response:
        """One, and how it fares."""
        return answer(_shown(_found(await store.find(self._pool, _id(request)))))

    @operation(
        "Change a webhook",
        body=ChangeRequest,
        example={"enabled": False},
        answers={200: WebhookAnswer},
        refusals=[400, 404, 413, 415, 422],
    )
    async def change(self, request: Request, sender: str) -> Response:
        """As it is afterwards. What was waiting while it was disabled is told when it is enabled."""
        wanted = await parse(request, ChangeRequest)
        if wanted.url is not UNSET:
            await self._check(wanted.url)
        change = Change(
            url=_given(wanted.url),
            events=wanted.events,
            description=_given(wanted.description),
            enabled=_given(wanted.enabled),
        )
        webhook_id = _id(request)
        fields = [name for name in wanted.__struct_fields__ if getattr(wanted, name) is not UNSET]
        async with transaction(self._pool) as db:
            webhook = await store.change(db, webhook_id, change)
            told = {**_named(webhook_id), "fields": fields}
            await audit.append(db, Deed(sender, "webhook.changed", told, webhook is not None))
        return answer(_shown(_found(webhook)))

    @operation("Delete a webhook", answers={204: None}, refusals=[404])
    async def delete(self, request: Request, sender: str) -> Response:
        """204; what was not told yet is not told any more."""
        webhook_id = _id(request)
        async with transaction(self._pool) as db:
            there = await store.delete(db, webhook_id)
            await audit.append(db, Deed(sender, "webhook.deleted", _named(webhook_id), there))
        if not there:
            raise not_found("webhook")
        return Response(status_code=204)

    @operation("Give a webhook a new secret", answers={200: SecretAnswer}, refusals=[404])
    async def rotate(self, request: Request, sender: str) -> Response:
        """A new secret, shown this once; the one before it signs too for another 24 hours."""
        webhook_id, secret = _id(request), new_secret()
        async with transaction(self._pool) as db:
            there = await store.rotate(db, self._vault, webhook_id, secret)
            await audit.append(db, Deed(sender, "webhook.rotated", _named(webhook_id), there))
        if not there:
            raise not_found("webhook")
        return answer(SecretAnswer(webhook_id, secret))

    @operation("Try a webhook out", answers={200: Tested}, refusals=[404])
    async def test(self, request: Request, _: str) -> Response:
        """Tells it a `webhook.test` now, and says what came back."""
        return answer(_found(await try_out(self._pool, self._vault, self._outbound, _id(request))))

    async def _check(self, url: str) -> None:
        if refused := await refusal(self._outbound, url):
            raise invalid("$.url", refused)


def _id(request: Request) -> UUID:
    return path_uuid(request, "webhook_id", "webhook")


def _named(webhook_id: UUID) -> dict[str, str]:
    return {"webhook_id": str(webhook_id)}


def _found(what: Found | None) -> Found:
    if what is None:
        raise not_found("webhook")
    return what


def _given(value: Value | UnsetType) -> Value | None:
    return None if value is UNSET else value


def _shown(webhook: Webhook, secret: str | UnsetType = UNSET) -> WebhookAnswer:
    failed_at, failure = webhook.last_failure_at, webhook.last_failure
    return WebhookAnswer(
        id=webhook.id,
        url=webhook.url,
        events=webhook.events,
        description=webhook.description,
        created_at=webhook.created_at,
        state="enabled" if webhook.disabled_at is None else "disabled",
        disabled_at=webhook.disabled_at,
        disabled_reason=webhook.disabled_reason,
        failing_since=webhook.failing_since,
        last_success_at=webhook.last_success_at,
        last_failure=None if failed_at is None or failure is None else LastFailure(failed_at, failure),
        secret=secret,
    )
