"""Whether a push is signed as RFC 8292 asks. Pure: the time is an argument."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from delivery import base64url
from delivery.simulator.devices import binding_of
from delivery.simulator.refused import Refused

_LONGEST_LIFE = timedelta(hours=24)  # RFC 8292 section 2

_AUTHORIZATION = re.compile(r"vapid\s+(?P<parameters>.+)", re.IGNORECASE)
_PARAMETER = re.compile(r"(?P<name>[a-z]+)\s*=\s*\"?(?P<value>[A-Za-z0-9_.=-]+)\"?")

# Word for word what Google's service answers, for those who look for it.
KEY_MISMATCH = (
    "the VAPID credentials in the authorization header do not correspond to the credentials used to create "
    "the subscriptions."
)


class _Claims(msgspec.Struct, frozen=True):
    aud: str
    exp: float
    sub: str


def check(authorization: str | None, *, audience: str, binding: str | None, now: datetime) -> Refused | None:
    """Why a push to a device with that `binding`, at the origin `audience`, is refused; None when it is not.

    401 when there are no credentials, 403 when they are not good (section 4.2). Requires `sub`, as Mozilla's
    service does.
    """
    if authorization is None:
        return Refused(401, "Authorization header missing")
    match = _AUTHORIZATION.fullmatch(authorization.strip())
    if match is None:
        return Refused(401, "Authorization is not of the scheme vapid (RFC 8292 section 3)")
    said = [_PARAMETER.fullmatch(each.strip()) for each in match["parameters"].split(",")]
    parameters = {each["name"]: each["value"] for each in said if each is not None}
    try:
        claims = _verified(parameters.get("t", ""), parameters.get("k", ""))
    except (ValueError, jwt.InvalidTokenError, msgspec.DecodeError) as error:
        return Refused(403, f"VAPID token refused: {error}")
    if binding not in {None, binding_of(parameters["k"])}:
        return Refused(403, KEY_MISMATCH)
    fault = _fault(claims, audience, now)
    return Refused(403, f"VAPID token refused: {fault}") if fault else None


@lru_cache(maxsize=1000)
def _verified(token: str, key: str) -> _Claims:
    """The claims of a token that `key` signed. ValueError, jwt.InvalidTokenError, msgspec.DecodeError."""
    public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64url.decode(key))
    # The signature only: with the claims, PyJWT would ask the clock.
    payload: bytes = jwt.PyJWS().decode(token, public_key, algorithms=["ES256"])
    return msgspec.json.decode(payload, type=_Claims)


def _fault(claims: _Claims, audience: str, now: datetime) -> str | None:
    if claims.aud != audience:
        return f"aud is not {audience}"
    if claims.exp <= now.timestamp():
        return "exp has passed"
    if claims.exp > (now + _LONGEST_LIFE).timestamp():
        return "exp is more than 24 hours ahead"
    if not claims.sub.startswith(("mailto:", "https:")):
        return "sub is neither mailto: nor https:"
    return None
