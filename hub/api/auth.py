"""Who may call (RFC 6750): servers with an API key, `Authorization: Bearer hark_…`; devices with a user token."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from hub.api.operation import Security, secure
from hub.api.problem import RETRY_AFTER_S, Problem
from hub.api.rate import RateGate
from hub.api.room import address
from hub.audit import Action, Deed
from hub.live.revoked import Revoked
from hub.roles import Scope, is_back_end
from hub.store import api_keys, audit
from hub.store.postgres import PATIENCE_S, Pool
from sessions.issuer_keys import KeyNotKnownYet
from sessions.sealing import Seals
from sessions.user_tokens import TokenExpired, TokenInvalid, UserToken, UserTokens

log = structlog.get_logger()

REMEMBERED_S = 5.0  # a key that is revoked while no hub can be told works on for so long; saves a query a request
REMEMBERED_KEYS = 10_000

KEY_REFUSALS = (401, 403, 429, 503)
USER_TOKEN = Security("user_token", (400, 401, 503))
# What tokens are called in URLs (RFC 6750 §2.3, and habit).
IN_URLS = frozenset(
    ("token", "access_token", "user_token", "id_token", "jwt", "bearer", "auth", "authorization", "ticket")
)

Endpoint = Callable[[Request, str], Awaitable[Response]]
UserEndpoint = Callable[[Request, UserToken], Awaitable[Response]]


class _Known(NamedTuple):
    sender: str
    scopes: frozenset[Scope]
    since: float  # when it was looked up, in monotonic seconds
    until: float


class KeyRing:
    """Verifies API keys, remembering the good ones for a few seconds. `on_used` hears the id of each that it looks up
    and finds good."""

    def __init__(self, pool: Pool, seals: Seals, gate: RateGate, on_used: Callable[[str], None]) -> None:
        self._pool = pool
        self._seals = seals
        self._gate = gate
        self._on_used = on_used
        self._known: dict[str, _Known] = {}
        self._doubted_at = 0.0

    def doubt(self) -> None:
        """Some key may have been revoked: each is looked up again. None is forgotten, for a good one is not told to
        wait."""
        self._doubted_at = time.monotonic()

    def guard(
        self, endpoint: Endpoint, scope: Scope, *, look: Action | None = None
    ) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint behind keys that have this scope; it gets the key's id as its sender. `look`: it shows what is
        somebody's own, and shows it only once the audit log has who looked."""

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            known = await self._known_key(request, scope)
            response = await endpoint(request, known.sender)
            if look is not None and not is_back_end(known.scopes):
                await audit.note(self._pool, Deed(known.sender, look, _looked_at(request)))
            return response

        return secure(guarded, Security("api_key", KEY_REFUSALS, scope))

    async def _known_key(self, request: Request, scope: Scope) -> _Known:
        """The key that a request carries. Raises Problem 401, 403 for a key without the scope, and 429 for an address
        that tries too many."""
        key = _bearer(request, "an API key")
        now = time.monotonic()
        known = self._known.get(key)
        if known is None or known.until <= now or known.since <= self._doubted_at:
            known = await self._looked_up(request, key, now)
        if scope not in known.scopes:
            raise _lacks(scope)
        return known

    async def _looked_up(self, request: Request, key: str, now: float) -> _Known:
        if key not in self._known:  # a flood of bad keys must not reach Postgres; a good one is not told to wait
            await self._gate.charge_address(address(request))
        async with asyncio.timeout(PATIENCE_S):
            found = await api_keys.verify(self._pool, self._seals, key)
        if found is None:
            self._known.pop(key, None)
            raise unauthorised("unknown, revoked or expired API key")
        if len(self._known) >= REMEMBERED_KEYS:
            self._known.clear()
        remembered_s = REMEMBERED_S if found.expires_in_s is None else min(REMEMBERED_S, found.expires_in_s)
        known = self._known[key] = _Known(found.id, found.scopes, now, now + remembered_s)
        self._on_used(found.id)
        return known


class UserGate:
    """Verifies user tokens of devices that speak HTTP."""

    def __init__(self, tokens: UserTokens, revoked: Revoked) -> None:
        self._tokens = tokens
        self._revoked = revoked

    def guard(self, endpoint: UserEndpoint, *, admits: bool = False) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint behind a user token; it gets what the token says. Problem 401 without a good one, and
        400 for one in the URL. One that `admits` a connection leaves it to the node to wait until it is known what was
        revoked."""

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if refusal := token_in_url(request):
                raise refusal
            if not admits:
                await self._revoked.known()
            return await endpoint(request, self._user(request))

        return secure(guarded, USER_TOKEN)

    def _user(self, request: Request) -> UserToken:
        token = _bearer(request, "a user token")
        try:
            return self._tokens.verify(token)
        except TokenExpired as error:
            raise unauthorised(str(error)) from None
        except TokenInvalid as error:
            log.debug("token.refused", why=error.why)
            raise unauthorised(str(error)) from None
        except KeyNotKnownYet:
            unavailable = {"Retry-After": RETRY_AFTER_S}
            raise Problem(503, "the key of the user token is not known yet", headers=unavailable) from None


def token_in_url(connection: HTTPConnection) -> Problem | None:
    """The 400 for who says a token there, be it a good one and in a header, too: URLs stand in the logs of proxies, in
    histories and in `Referer` (RFC 6750 §5.3)."""
    if not connection.scope["query_string"] or IN_URLS.isdisjoint(map(str.lower, connection.query_params)):
        return None
    return Problem(400, "tokens never travel in the URL: say it in hello, or in Authorization: Bearer")


def _bearer(request: Request, what: str) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials:
        raise unauthorised(f"expected Authorization: Bearer with {what}")
    return credentials.strip()


def _looked_at(request: Request) -> dict[str, str]:
    """Which, and whose: in the path, or else in the query."""
    user_id = request.query_params.get("user_id")
    return ({} if user_id is None else {"user_id": user_id}) | request.path_params


def unauthorised(detail: str) -> Problem:
    """A 401 and why."""
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="hark"'})


def _lacks(scope: Scope) -> Problem:
    challenge = f'Bearer realm="hark", error="insufficient_scope", scope="{scope}"'
    return Problem(403, f"this API key lacks the scope {scope}", headers={"WWW-Authenticate": challenge})
