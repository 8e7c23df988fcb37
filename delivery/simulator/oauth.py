"""Google's token endpoint (RFC 7523: a signed assertion for an access token), and what it gave. For one event loop."""

import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LIFE = timedelta(hours=1)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"  # what google-auth says wherever it asks
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_SCOPES = frozenset({SCOPE, "https://www.googleapis.com/auth/cloud-platform"})  # either may send
_CLOCKS_DIFFER = timedelta(minutes=1)


class ServiceAccountKey(msgspec.Struct, frozen=True):
    """Whom the endpoint knows."""

    email: str
    project_id: str
    public_key: RSAPublicKey


class Granted(msgspec.Struct, frozen=True):
    """The endpoint's answer."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - a word of RFC 6750


class Denied(msgspec.Struct, frozen=True):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    exp: float
    scope: str


class AccessTokens:
    """Those that were given; forgotten at a restart."""

    def __init__(self, account: ServiceAccountKey) -> None:
        self._account = account
        self._ends: dict[str, datetime] = {}

    def grant(self, form: str, now: datetime) -> Granted | Denied:
        """What a request with that body is answered."""
        said = {name: values[0] for name, values in parse_qs(form).items()}
        if said.get("grant_type") != GRANT:
            return Denied("unsupported_grant_type", f"grant_type is not {GRANT}")
        claims = self._verified(said.get("assertion", ""))
        if claims is None:
            return Denied("invalid_grant", "Invalid JWT Signature.")
        if claims.aud != AUDIENCE or claims.exp <= now.timestamp():
            return Denied("invalid_grant", "Invalid JWT: the audience is another, or its time is over.")
        if claims.exp > (now + LIFE + _CLOCKS_DIFFER).timestamp():
            return Denied("invalid_grant", "Invalid JWT: it lives longer than an hour.")
        if not _SCOPES & set(claims.scope.split()):
            return Denied("invalid_scope", f"the scope is not {SCOPE}")
        return self._grant(now)

    def known(self, authorization: str, now: datetime) -> bool:
        """Whether an Authorization header has a token that is still good."""
        ends = self._ends.get(authorization.removeprefix("Bearer "))
        return ends is not None and now < ends

    def revoke(self) -> None:
        """None of them is good any more."""
        self._ends.clear()

    def _grant(self, now: datetime) -> Granted:
        self._ends = {token: ends for token, ends in self._ends.items() if now < ends}
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self._ends[token] = now + LIFE
        return Granted(token, int(LIFE.total_seconds()))

    def _verified(self, assertion: str) -> _Claims | None:
        try:
            # The signature only: with the claims, PyJWT would ask the clock.
            payload: bytes = jwt.PyJWS().decode(assertion, self._account.public_key, algorithms=["RS256"])
            claims = msgspec.json.decode(payload, type=_Claims)
        except (jwt.InvalidTokenError, msgspec.DecodeError):
            return None
        return claims if claims.iss == self._account.email else None
