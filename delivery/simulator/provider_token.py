"""Whether a push carries a provider token that APNs takes (Apple, "Establishing a token-based connection to APNs").

Pure: the time is an argument.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

LONGEST_LIFE = timedelta(hours=1)
LEAST_AGE = timedelta(minutes=20)  # of one token before the next on a connection
_CLOCKS_DIFFER = timedelta(minutes=1)


class Issuer(msgspec.Struct, frozen=True):
    """A team at Apple and its keys."""

    team_id: str
    keys: Mapping[str, EllipticCurvePublicKey]
    """By their ids."""


class Claims(msgspec.Struct, frozen=True):
    """What a good token says: whose it is and, in seconds since 1970, when it was made."""

    iss: str
    iat: float


class _Head(msgspec.Struct, frozen=True):
    kid: str


def verified(token: str, issuer: Issuer) -> Claims | None:
    """What a token says whose signature and issuer are right."""
    try:
        head = msgspec.convert(jwt.get_unverified_header(token), _Head)
        # The signature only: with the claims, PyJWT would ask the clock.
        payload: bytes = jwt.PyJWS().decode(token, issuer.keys[head.kid], algorithms=["ES256"])
        claims = msgspec.json.decode(payload, type=Claims)
    except (jwt.InvalidTokenError, msgspec.MsgspecError, KeyError):
        return None
    return claims if claims.iss == issuer.team_id else None


def fault(claims: Claims, previous: Claims | None, now: datetime) -> str | None:
    """Apple's reason why the token is not taken now; `previous` is what the connection used before it."""
    if claims.iat > (now + _CLOCKS_DIFFER).timestamp():
        return "InvalidProviderToken"
    if claims.iat < (now - LONGEST_LIFE).timestamp():
        return "ExpiredProviderToken"
    if previous is not None and 0 < abs(claims.iat - previous.iat) < LEAST_AGE.total_seconds():
        return "TooManyProviderTokenUpdates"
    return None
