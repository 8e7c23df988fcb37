"""A device session and its registration, as values."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from sessions.sealing import Flaw

Platform = Literal["ios", "android", "web"]
Provider = Literal["apns", "fcm", "webpush"]
Channel = Literal["apns", "fcm", "webpush", "email", "sms", "chat"]

# Whose tokens a platform's devices have; the first where the device does not say.
PROVIDERS: dict[Platform, tuple[Provider, ...]] = {
    "ios": ("apns", "fcm"),
    "android": ("fcm",),
    "web": ("webpush", "fcm"),
}


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What a device tells about itself. `token` is the address a provider knows it by:
    an APNs or FCM token, or for `web` the PushSubscription as JSON text."""

    user_id: str
    platform: Platform
    token: str
    unique_part: str  # by which it is known again: see `unique`, or a subscription's endpoint
    provider: Provider
    app: str = ""
    locale: str | None = None
    timezone: str | None = None
    secret: str | None = None  # the installation's; None: it tells none
    take_over: bool = False  # the server vouches that the device is this user's now


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A registered device of one user. The token stays inside: answers never carry it."""

    id: UUID
    user_id: str
    platform: Platform
    provider: Provider
    app: str
    locale: str | None
    timezone: str | None
    state: Literal["active", "gone"]
    created_at: datetime
    registered_at: datetime
    gone_at: datetime | None


class Reachable(msgspec.Struct, frozen=True):
    """An active session, or a user's e-mail address, phone number or chat, with what a provider needs of it."""

    session_id: UUID
    user_id: str
    channel: Channel
    app: str
    token: str
    flaw: Flaw | None = None  # why there is no token to be read
    platform: Platform | None = None  # of a session


class Evidence(msgspec.Struct, frozen=True):
    """Why a session or an address was called gone."""

    channel: str
    code: str
    since: datetime | None


def unique(provider: Provider, token: str) -> str:
    """One spelling for a phone's token: APNs' is hexadecimal, and the same device in either case."""
    return token.lower() if provider == "apns" else token
