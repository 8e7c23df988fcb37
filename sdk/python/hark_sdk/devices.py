"""Tokens with which devices connect, and sessions by which they are reached when they do not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from hark_sdk.call import Call, decoded, given, nothing, path, query

Platform: TypeAlias = Literal["ios", "android", "web"]
Provider: TypeAlias = Literal["apns", "fcm", "webpush"]


class UserToken(msgspec.Struct, frozen=True):
    """With which a device speaks for its user until `expires_at`."""

    token: str
    expires_at: datetime


class TokenOf(msgspec.Struct, frozen=True):
    """One of several."""

    user_id: str
    token: str


class UserTokens(msgspec.Struct, frozen=True):
    """In the order of the users that were asked for."""

    tokens: Sequence[TokenOf]
    expires_at: datetime


class Revoked(msgspec.Struct, frozen=True):
    """Remembered until every token it concerns has expired."""

    forgotten_at: datetime


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens that are refused: those of `subject` that were issued before a time. `kind`: user, session, or token, of
    which it is the id."""

    id: str
    kind: str
    subject: str
    issued_before: datetime
    forgotten_at: datetime


class Revocations(msgspec.Struct, frozen=True):
    """Newest first; `next` is the `before` of the next page, None on the last."""

    revocations: Sequence[Revocation]
    next: str | None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A registered device, without its token. `state`: active, or gone when its provider called it dead."""

    session_id: str
    user_id: str
    platform: str
    provider: str
    app: str
    locale: str | None
    timezone: str | None
    state: str
    created_at: datetime
    registered_at: datetime


class Sessions(msgspec.Struct, frozen=True):
    """Oldest first."""

    sessions: Sequence[Session]


class Deleted(msgspec.Struct, frozen=True):
    """How many there were."""

    deleted: int


def user_token(user_id: str, *, topics: Sequence[str] = (), session_id: str | None = None) -> Call[UserToken]:
    """A token for one user's devices; `topics` are the ephemeral ones they may join. Tokens of one `session_id`, your
    own id of a sign-in, are revoked together."""
    body = given(user_id=user_id, topics=topics, session_id=session_id)
    return Call(method="POST", path=path("tokens"), body=body, answer=decoded(UserToken))


def user_tokens(user_ids: Sequence[str], *, topics: Sequence[str] = ()) -> Call[UserTokens]:
    """Tokens for up to 10,000 users."""
    body = {"user_ids": user_ids, "topics": topics}
    return Call(method="POST", path=path("tokens"), body=body, answer=decoded(UserTokens))


def revoke_tokens(
    *,
    user_id: str | None = None,
    user_ids: Sequence[str] | None = None,
    session_id: str | None = None,
    token_id: str | None = None,
    issued_before: datetime | None = None,
) -> Call[Revoked]:
    """Ends user tokens before their time: of a user, of up to 1,000 users, of a sign-in (`sid`), or one (`jti`). Who is
    connected with one is closed, on all nodes. Those issued before a time, with its zone; by default before now."""
    body = given(
        user_id=user_id,
        user_ids=user_ids,
        session_id=session_id,
        token_id=token_id,
        issued_before=issued_before,
    )
    return Call(method="POST", path=path("revocations"), body=body, answer=decoded(Revoked))


def revocations(*, before: str | None = None, limit: int | None = None) -> Call[Revocations]:
    """What still refuses tokens, a page at a time."""
    return Call(
        method="GET", path=path("revocations"), query=query(before=before, limit=limit), answer=decoded(Revocations)
    )


def undo_revocation(revocation_id: str) -> Call[None]:
    """Makes its tokens good again until they expire. Raises NotFound when the same was revoked since."""
    return Call(method="DELETE", path=path("revocations", revocation_id), answer=nothing)


def register_session(
    user_id: str,
    platform: Platform,
    device_token: str | Mapping[str, Any],
    *,
    provider: Provider | None = None,
    app: str = "",
    locale: str | None = None,
    timezone: str | None = None,
    install_secret: str | None = None,
    take_over: bool = False,
) -> Call[Session]:
    """Registers a device, or refreshes it; for Web Push `device_token` is the browser's PushSubscription.

    Raises Busy when another user has the device, it told an `install_secret`, and this is not it. With `take_over`
    the device is this user's all the same: for a back end that knows who holds it.
    """
    body = given(
        user_id=user_id,
        platform=platform,
        device_token=device_token,
        provider=provider,
        app=app,
        locale=locale,
        timezone=timezone,
        install_secret=install_secret,
        take_over=take_over or None,
    )
    return Call(method="POST", path=path("sessions"), body=body, answer=decoded(Session))


def sessions(user_id: str) -> Call[Sessions]:
    """A user's devices."""
    return Call(method="GET", path=path("sessions", user_id), answer=decoded(Sessions))


def unregister_session(user_id: str, session_id: str) -> Call[None]:
    """Forgets a device."""
    return Call(method="DELETE", path=path("sessions", user_id, session_id), answer=nothing)


def unregister_sessions(user_id: str) -> Call[Deleted]:
    """Forgets all devices of a user."""
    return Call(method="DELETE", path=path("sessions", user_id), answer=decoded(Deleted))
