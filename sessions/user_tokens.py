"""User tokens: the short-lived JWT (RFC 7519, HS256) with which a device opens a socket as one user."""

import base64
import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import msgspec
from msgspec import Meta

AUDIENCE = "hark"
ALGORITHM = "HS256"
LEEWAY_S = 30  # clocks of two servers differ


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


class UserToken(msgspec.Struct, frozen=True):
    """What a verified token says: who the device speaks for, until when, and which topics it may join."""

    user_id: str
    expires_at: datetime
    topics: tuple[str, ...] = ()


class TokenInvalid(Exception):
    """Not a token of ours, or one that was altered."""


class TokenExpired(Exception):
    """Was a token of ours; its time is over."""


class _Claims(msgspec.Struct):
    sub: str
    exp: int
    aud: str | list[str]
    nbf: float = 0.0
    iat: float = 0.0
    topics: tuple[str, ...] = ()


_claims_decoder = msgspec.json.Decoder(_Claims)
# The head of every token minted here, byte for byte. It leaves nothing to be confused about: one algorithm, no `crit`,
# no key reference. Tokens with another head, minted by a customer's own code, take PyJWT's longer way.
_OWN_HEAD = jwt.encode({}, "x" * 32, ALGORITHM).partition(".")[0]


class UserTokens:
    """Mints and verifies user tokens with one secret."""

    def __init__(self, settings: UserTokenSettings) -> None:
        self._secret = settings.token_secret
        self._ttl = timedelta(seconds=settings.token_ttl_s)

    def mint(self, user_id: str, topics: tuple[str, ...], *, now: datetime) -> str:
        """A token for `user_id`, valid from `now` for the configured time."""
        claims: dict[str, object] = {"sub": user_id, "aud": AUDIENCE, "iat": now, "exp": now + self._ttl}
        if topics:
            claims["topics"] = topics
        return jwt.encode(claims, self._secret, ALGORITHM)

    def expires_at(self, now: datetime) -> datetime:
        """When a token minted at `now` ends."""
        return now + self._ttl

    def verify(self, token: str) -> UserToken:
        """Raises TokenExpired or TokenInvalid."""
        head, _, rest = token.partition(".")
        claims = self._own(token, rest) if head == _OWN_HEAD else self._any(token)
        return UserToken(claims.sub, datetime.fromtimestamp(claims.exp, UTC), claims.topics)

    def _own(self, token: str, rest: str) -> _Claims:
        """The short way, at every hello of a reconnect storm: a quarter of PyJWT's time. A test holds it to PyJWT's
        verdicts."""
        payload, _, signature = rest.partition(".")
        signed = token[: len(_OWN_HEAD) + 1 + len(payload)]
        try:
            expected = hmac.digest(self._secret.encode(), signed.encode(), "sha256")
            if not hmac.compare_digest(_decoded(signature), expected):
                raise TokenInvalid("not a valid user token: the signature does not fit")
            claims = _claims_decoder.decode(_decoded(payload))
        except (ValueError, msgspec.MsgspecError) as error:
            raise TokenInvalid(f"not a valid user token: {error}") from None
        now = time.time()
        if now > claims.exp + LEEWAY_S:
            raise TokenExpired("the user token has expired")
        if AUDIENCE not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
            raise TokenInvalid("not a valid user token: of another audience")
        if max(claims.nbf, claims.iat) > now + LEEWAY_S:
            raise TokenInvalid("not a valid user token: not valid yet")
        return claims

    def _any(self, token: str) -> _Claims:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],
                audience=AUDIENCE,
                leeway=LEEWAY_S,
                options={"require": ["sub", "exp", "aud"]},
            )
            return msgspec.convert(claims, _Claims)
        except jwt.ExpiredSignatureError:
            raise TokenExpired("the user token has expired") from None
        except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
            raise TokenInvalid(f"not a valid user token: {error}") from None


def _decoded(text: str) -> bytes:
    """Base64url without padding (RFC 7515 §2), strictly. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
