"""A browser's PushSubscription (W3C Push API §8, keys as in RFC 8291 §2.1), parsed and validated. Pure."""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

MAX_ENDPOINT_CHARACTERS = 2048  # vendors' are 150 to 500
AUTH_BYTES = 16


class Keys(msgspec.Struct, frozen=True):
    """The browser's half of the encryption: a P-256 point and a shared secret, both base64url."""

    p256dh: str
    auth: str


class PushSubscription(msgspec.Struct, frozen=True):
    """`PushSubscription.toJSON()` of a browser; what else the browser adds (`expirationTime`) is dropped."""

    endpoint: str
    keys: Keys


class InvalidSubscription(Exception):
    """A push subscription nobody could encrypt for or may send to; `path` names the field."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path, self.expected = path, expected


def parse(text: str | bytes) -> PushSubscription:
    """Decodes a subscription given as JSON text. Raises InvalidSubscription."""
    try:
        return msgspec.json.decode(text, type=PushSubscription)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidSubscription("", f"a PushSubscription as JSON ({error})") from None


def validate(subscription: PushSubscription, *, endpoint_allowed: Callable[[str], bool]) -> PushSubscription:
    """Gives the subscription back, or raises InvalidSubscription with the first field that is wrong.

    The endpoint is an address the server will post to, so who may be posted to is the caller's rule.
    """
    endpoint = subscription.endpoint
    if len(endpoint) > MAX_ENDPOINT_CHARACTERS or not endpoint_allowed(endpoint):
        raise InvalidSubscription("endpoint", "an https URL of a known push service")
    point = _bytes("keys.p256dh", subscription.keys.p256dh)
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise InvalidSubscription("keys.p256dh", "a point on P-256, 65 bytes in base64url") from None
    if len(_bytes("keys.auth", subscription.keys.auth)) != AUTH_BYTES:
        raise InvalidSubscription("keys.auth", "16 bytes in base64url")
    return subscription


def unique(subscription: PushSubscription) -> str:
    """The endpoint in one spelling (RFC 3986 section 6.2): hosts have no case, a default port, an empty path and an
    empty query need not be said, and any character may be escaped."""
    scheme, _, rest = subscription.endpoint.partition("://")
    before, _, query = rest.partition("?")
    host, _, path = before.partition("/")
    scheme, port = scheme.lower(), {"https": ":443", "http": ":80"}
    said = unquote(f"{path}?{query}" if query else path, "latin-1")
    return f"{scheme}://{host.lower().removesuffix(port.get(scheme, ''))}/{said}"


def secret(subscription: PushSubscription) -> str:
    """What only this browser and its application servers know (RFC 8291 section 3.2), in one spelling."""
    return _bytes("keys.auth", subscription.keys.auth).hex()


def _bytes(path: str, text: str) -> bytes:
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSubscription(path, "base64url") from None
