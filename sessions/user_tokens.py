"""User tokens: the short-lived JWT (RFC 7519) with which a device opens a socket as one user. Ours are HS256; those of
an issuer whose public keys the operator configured are RS256, ES256 or EdDSA."""

import hmac
import math
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import msgspec
from msgspec import Meta

from sessions.issuer_keys import IssuerKeys
from sessions.revocations import Revocations
from sessions.token_claims import Claims, Head, NotUnderstood, Payload, decoded, read_claims, read_head

AUDIENCE = "hark"
ALGORITHM = "HS256"
LEEWAY_S = 30  # clocks of two servers differ: a token may begin so much later. It ends when it says
# From `iat` to `exp`. What is longer is refused, so that a revocation may be forgotten one day.
LONGEST_S = 31 * 86400
LONGEST_TEXT = 64 * 1024  # a frame's limit, too; nothing of a longer one is looked at

_ID_BYTES = 9  # 72 bits: no two tokens of a month have the same id


class UserTokenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How user tokens are signed."""

    token_secret: Annotated[
        str,
        Meta(
            min_length=32,
            description="Key that signs user tokens, at least 32 characters (RFC 7518 §3.2); the same on all nodes.",
        ),
    ]
    token_ttl_s: Annotated[
        int,
        Meta(
            ge=10,
            le=30 * 86400,
            description="Seconds a user token is valid. Devices fetch a new one to reconnect.",
        ),
    ] = 3600
    token_keys: Annotated[
        str,
        Meta(
            description="Public keys of an issuer of your own, whose user tokens are good too (RS256, ES256, EdDSA): "
            "path or text of a PEM or a JWK set."
        ),
    ] = ""
    token_jwks_url: Annotated[
        str, Meta(description="Or where its JWK set is: https://…, asked every ten minutes. Needs HARK_TOKEN_ISSUER.")
    ] = ""
    token_jwks_http: Annotated[
        bool, Meta(description="Whether that may be http:// to this machine (127.0.0.1, localhost). For development.")
    ] = False
    token_issuer: Annotated[str, Meta(description="The `iss` its tokens must have. Empty: any.")] = ""
    token_audience: Annotated[str, Meta(min_length=1, description="The `aud` its tokens must have.")] = AUDIENCE

    def __repr__(self) -> str:
        """Without the secret, for the places where settings get printed."""
        return f"UserTokenSettings(token_issuer={self.token_issuer!r}, token_audience={self.token_audience!r})"


class UserToken(msgspec.Struct, frozen=True):
    """What a verified token says: who the device speaks for, until when, and which topics it may join; and what it can
    be revoked by, empty when it does not say."""

    user_id: str
    expires_at: datetime
    topics: tuple[str, ...] = ()
    issued_at: float = 0.0  # Unix seconds
    token_id: str = ""
    session_id: str = ""


class TokenInvalid(Exception):
    """Not a token of ours, or one that was altered. The message says no more, whatever it is; `why` is for the
    operator."""

    def __init__(self, why: str) -> None:
        super().__init__("not a valid user token")
        self.why = why


class TokenExpired(Exception):
    """Was a token of ours; its time is over."""


class TokenRevoked(TokenExpired):
    """Its time was ended."""


# The head of every token minted here, byte for byte. It leaves nothing to be confused about: one algorithm, no `crit`,
# no key reference. Tokens with another head, minted by a customer's own code, take the longer way.
_OWN_HEAD = jwt.encode({}, "x" * 32, ALGORITHM).partition(".")[0]


class UserTokens:
    """Mints and verifies user tokens with one secret; verifies those of an issuer, too, if there is one."""

    def __init__(self, settings: UserTokenSettings, issuer: IssuerKeys | None = None) -> None:
        self._secret = settings.token_secret
        self._ttl = timedelta(seconds=settings.token_ttl_s)
        self._issuer = issuer or IssuerKeys()
        self.revocations = Revocations()  # what is noted here is obeyed from then on
        self._iss = settings.token_issuer
        self._aud = settings.token_audience

    def mint(self, user_id: str, topics: tuple[str, ...], *, now: datetime, session_id: str = "") -> str:
        """A token for `user_id`, valid from `now` for the configured time. Tokens of one `session_id`, the back end's
        own id of a sign-in, can be revoked together."""
        claims: dict[str, object] = {
            "sub": user_id,
            "aud": AUDIENCE,
            # With its fraction: a token of the same second as a revocation is before or after it.
            "iat": math.floor(now.timestamp() * 1000) / 1000,
            "exp": now + self._ttl,
            "jti": secrets.token_urlsafe(_ID_BYTES),
        }
        if session_id:
            claims["sid"] = session_id
        if topics:
            claims["topics"] = topics
        return jwt.encode(claims, self._secret, ALGORITHM)

    def expires_at(self, now: datetime) -> datetime:
        """When a token minted at `now` ends."""
        return now + self._ttl

    def verify(self, token: str) -> UserToken:
        """Raises TokenExpired, TokenInvalid, and KeyNotKnownYet for a token whose key its issuer may have meanwhile."""
        if len(token) > LONGEST_TEXT:
            raise TokenInvalid("too long")
        signed, _, signature = token.rpartition(".")
        head, _, payload = signed.partition(".")
        try:
            claims = self._claims(head, payload, signed, signature)
        except (NotUnderstood, ValueError) as error:
            raise TokenInvalid(str(error)) from None
        _check_times(claims, time.time())
        verified = UserToken(
            claims.sub, datetime.fromtimestamp(claims.exp, UTC), claims.topics, claims.iat, claims.jti, claims.sid
        )
        if self.revocations.covers(verified):
            raise TokenRevoked("the user token was revoked")
        return verified

    def _claims(self, head: str, payload: str, signed: str, signature: str) -> Claims:
        if head != _OWN_HEAD:  # at every hello of a reconnect storm it is
            named = read_head(head)
            if named.alg != ALGORITHM:
                return self._of_issuer(named, payload, signed, signature)
        expected = hmac.digest(self._secret.encode(), signed.encode(), "sha256")
        if not hmac.compare_digest(decoded(signature), expected):
            raise TokenInvalid("the signature does not fit")
        claims = read_claims(Payload(decoded(payload)))
        if not claims.is_for(AUDIENCE):
            raise TokenInvalid("of another audience")
        return claims

    def _of_issuer(self, head: Head, payload: str, signed: str, signature: str) -> Claims:
        content, said = signed.encode(), decoded(signature)
        if not any(key.verifies(content, said) for key in self._issuer.find(head.alg, head.kid)):
            raise TokenInvalid("no known key made its signature")
        claims = read_claims(Payload(decoded(payload)))
        if self._iss and claims.iss != self._iss:
            raise TokenInvalid("of another issuer")
        if not claims.is_for(self._aud):
            raise TokenInvalid("of another audience")
        return claims


def _check_times(claims: Claims, now: float) -> None:
    if not 0 < claims.exp - claims.iat <= LONGEST_S:
        raise TokenInvalid(f"more than {LONGEST_S} s between iat and exp, or none")
    if max(claims.nbf, claims.iat) > now + LEEWAY_S:
        raise TokenInvalid("not valid yet")
    if now >= claims.exp:
        raise TokenExpired("the user token has expired")
