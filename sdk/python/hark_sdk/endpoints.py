"""Webhooks: where a back end hears what became of notifications. What verifies their calls is `hark_sdk.webhooks`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from hark_sdk.call import Call, decoded, given, nothing, path


class LastFailure(msgspec.Struct, frozen=True):
    """When, and what came back."""

    at: datetime
    answer: str


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and how it fares. `events` None: all; `secret` only when it was just made."""

    id: str
    url: str
    events: Sequence[str] | None
    description: str
    created_at: datetime
    state: str  # enabled, disabled
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    last_failure: LastFailure | None
    secret: str | None = None


class Webhooks(msgspec.Struct, frozen=True):
    """All of them, oldest first."""

    webhooks: Sequence[Webhook]


class Secret(msgspec.Struct, frozen=True):
    """What signs from now on."""

    id: str
    secret: str


class Tested(msgspec.Struct, frozen=True):
    """What came of a test; `told` when it was answered with a 2xx."""

    event_id: str
    told: bool
    answer: str
    took_ms: int


def create_webhook(url: str, *, events: Sequence[str] | None = None, description: str | None = None) -> Call[Webhook]:
    """Its `secret` is shown this once. Said again it would be another webhook, so a lost answer is not."""
    body = {"url": url, **given(events=events, description=description)}
    return Call(method="POST", path=path("webhooks"), body=body, repeatable=False, answer=decoded(Webhook))


def webhooks() -> Call[Webhooks]:
    """All webhooks."""
    return Call(method="GET", path=path("webhooks"), answer=decoded(Webhooks))


def webhook(webhook_id: str) -> Call[Webhook]:
    """One webhook."""
    return Call(method="GET", path=path("webhooks", webhook_id), answer=decoded(Webhook))


def change_webhook(
    webhook_id: str,
    *,
    url: str | None = None,
    events: Sequence[str] | UnsetType | None = UNSET,
    description: str | None = None,
    enabled: bool | None = None,
) -> Call[Webhook]:
    """What is left out stays; `events=None` is all of them."""
    body: dict[str, Any] = given(url=url, description=description, enabled=enabled)
    if events is not UNSET:
        body["events"] = events
    return Call(method="PATCH", path=path("webhooks", webhook_id), body=body, answer=decoded(Webhook))


def delete_webhook(webhook_id: str) -> Call[None]:
    """What it was not told yet it is not told any more."""
    return Call(method="DELETE", path=path("webhooks", webhook_id), answer=nothing)


def rotate_webhook(webhook_id: str) -> Call[Secret]:
    """A new secret, shown this once; the one before it signs beside it for another 24 hours."""
    return Call(method="POST", path=path("webhooks", webhook_id, "rotate"), repeatable=False, answer=decoded(Secret))


def test_webhook(webhook_id: str) -> Call[Tested]:
    """Tells it a `webhook.test` now."""
    return Call(method="POST", path=path("webhooks", webhook_id, "test"), answer=decoded(Tested))
