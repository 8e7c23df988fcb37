"""`/api/v1/sessions`: devices that can be reached when no page is open."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import metrics
from hub.api.auth import KeyRing
from hub.api.body import Text, UserId, answer, parse, path_user, path_uuid
from hub.api.operation import operation
from hub.api.problem import Problem, invalid, not_found
from hub.audit import Deed
from hub.ids import uuid7
from hub.store import audit
from hub.store.postgres import Pool, transaction
from hub.vault import Vault
from sessions import store, subscription
from sessions.ownership import Owner
from sessions.session import PROVIDERS, Platform, Provider, Registration, Session, unique
from sessions.subscription import InvalidSubscription, PushSubscription

log = structlog.get_logger()

Token = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f\x7f]*\Z")]

InstallSecret = Annotated[
    str,
    Meta(
        min_length=16,
        max_length=200,
        description="What only this installation of the app knows: random, made at its first start. Once told, the "
        "token moves to another user with it only. A browser's PushSubscription has its own: `keys.auth`.",
    ),
]
TakeOver = Annotated[
    bool,
    Meta(description="The token is this user's whoever has it, without the secret: you know who holds the device."),
]


class RegisterRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device and its address; with the provider `webpush` that is the browser's PushSubscription."""

    user_id: UserId
    device_token: Token | PushSubscription
    platform: Platform
    provider: Provider | None = None
    app: Annotated[Text, Meta(max_length=200)] = ""
    locale: Annotated[Text, Meta(max_length=35)] | None = None
    timezone: Annotated[Text, Meta(max_length=64)] | None = None
    install_secret: InstallSecret | None = None
    take_over: TakeOver = False


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A session, without its token."""

    session_id: UUID
    user_id: str
    platform: Platform
    provider: Provider
    app: str
    locale: str | None
    timezone: str | None
    state: str
    created_at: datetime
    registered_at: datetime


class SessionsAnswer(msgspec.Struct, frozen=True):
    """A user's, oldest first."""

    sessions: Sequence[SessionAnswer]


class DeletedAnswer(msgspec.Struct, frozen=True):
    """How many there were."""

    deleted: int


class SessionsApi:
    """Register, list, unregister."""

    def __init__(self, pool: Pool, vault: Vault, keys: KeyRing, *, endpoint_allowed: Callable[[str], bool]) -> None:
        self._pool = pool
        self._vault = vault
        self._keys = keys
        self._endpoint_allowed = endpoint_allowed

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/sessions", guard(self.register, "sessions:write"), methods=["POST"]),
            Route("/api/v1/sessions/{user_id}", guard(self.of_user, "read"), methods=["GET"]),
            Route("/api/v1/sessions/{user_id}", guard(self.unregister_all, "sessions:write"), methods=["DELETE"]),
            Route(
                "/api/v1/sessions/{user_id}/{session_id}", guard(self.unregister, "sessions:write"), methods=["DELETE"]
            ),
        ]

    @operation(
        "Register a device",
        body=RegisterRequest,
        example={"user_id": "ada", "platform": "ios", "device_token": "740f4707bebcf74f9b7c25d48e3358945f6aa01d"},
        answers={200: SessionAnswer, 201: SessionAnswer},
        refusals=[400, 409, 413, 415, 422],
    )
    async def register(self, request: Request, sender: str) -> Response:
        """201 for a session that is new to the user; 200 when it was theirs, and is refreshed. A token that another
        user has moves here, unless that device told a secret, which is missing here: 409, and it stays theirs."""
        wanted = await parse(request, RegisterRequest)
        provider = wanted.provider or PROVIDERS[wanted.platform][0]
        if provider not in PROVIDERS[wanted.platform]:
            raise invalid(
                "$.provider", f"one of {', '.join(PROVIDERS[wanted.platform])} for platform {wanted.platform}"
            )
        address = self._address(wanted, provider)
        registration = Registration(
            user_id=wanted.user_id,
            platform=wanted.platform,
            provider=provider,
            token=address.token,
            unique_part=address.unique,
            secret=address.secret,
            take_over=wanted.take_over,
            app=wanted.app,
            locale=wanted.locale,
            timezone=wanted.timezone,
        )
        new_id = uuid7()
        async with transaction(self._pool) as db:
            session = await store.register(db, self._vault, new_id, registration)
            if (
                isinstance(session, Session) and session.id == new_id
            ):  # one that is registered again changes nobody's rights
                told = {"user_id": session.user_id, "session_id": str(new_id)}
                await audit.append(db, Deed(sender, "session.registered", told))
        if isinstance(session, Owner):
            metrics.take_overs_refused.inc()
            log.warning(
                "session.take_over_refused", by=sender, user_id=wanted.user_id, session_id=str(session.session_id)
            )
            raise Problem(409, "another user has this device: its install_secret, or take_over, moves it")
        return answer(_shown(session), 201 if session.id == new_id else 200)

    @operation("List a user's devices", answers={200: SessionsAnswer}, refusals=[404])
    async def of_user(self, request: Request, _: str) -> Response:
        """The user's sessions, oldest first; dead ones too, so that support sees them."""
        found = await store.of_user(self._pool, path_user(request))
        return answer(SessionsAnswer([_shown(session) for session in found]))

    @operation("Unregister a device", answers={204: None}, refusals=[404])
    async def unregister(self, request: Request, sender: str) -> Response:
        """204; pushes already on their way may still arrive."""
        session_id = path_uuid(request, "session_id", "session")
        if not await self._unregister(sender, path_user(request), session_id):
            raise not_found("session")
        return Response(status_code=204)

    @operation("Unregister all devices of a user", answers={200: DeletedAnswer}, refusals=[404])
    async def unregister_all(self, request: Request, sender: str) -> Response:
        """All sessions of a user, as at an account's end."""
        return answer(DeletedAnswer(await self._unregister(sender, path_user(request), None)))

    async def _unregister(self, sender: str, user_id: str, session_id: UUID | None) -> int:
        which = "all" if session_id is None else str(session_id)
        async with transaction(self._pool) as db:
            deleted = await store.unregister(db, user_id, session_id)
            told = Deed(
                sender,
                "session.deleted",
                {"user_id": user_id, "session_id": which, "sessions": deleted},
                deleted > 0,
            )
            await audit.append(db, told)
        return deleted

    def _address(self, wanted: RegisterRequest, provider: Provider) -> "_Address":
        token = wanted.device_token
        if provider != "webpush":
            if isinstance(token, PushSubscription):
                raise invalid("$.device_token", f"a token as a string for provider {provider}")
            return _Address(token, unique(provider, token), wanted.install_secret)
        try:
            parsed = subscription.parse(token) if isinstance(token, str) else token
            subscription.validate(parsed, endpoint_allowed=self._endpoint_allowed)
        except InvalidSubscription as error:
            path = f"$.device_token.{error.path}".rstrip(".")
            raise invalid(path, error.expected) from None
        return _Address(msgspec.json.encode(parsed).decode(), subscription.unique(parsed), subscription.secret(parsed))


class _Address(NamedTuple):
    token: str
    unique: str
    secret: str | None


def _shown(session: Session) -> SessionAnswer:
    return SessionAnswer(
        session_id=session.id,
        user_id=session.user_id,
        platform=session.platform,
        provider=session.provider,
        app=session.app,
        locale=session.locale,
        timezone=session.timezone,
        state=session.state,
        created_at=session.created_at,
        registered_at=session.registered_at,
    )
