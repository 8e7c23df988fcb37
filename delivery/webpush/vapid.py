"""VAPID keys (RFC 8292): who we are to a push service, and what a browser subscribes with."""

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException

from delivery import base64url

_SCALAR_BYTES = 32  # a private key on P-256


class VapidKeys(msgspec.Struct, frozen=True):
    """A key pair as it is kept in settings and given to browsers, both unpadded base64url."""

    private_key: str
    """43 characters: the 32-byte scalar. A secret."""
    application_server_key: str
    """87 characters: the uncompressed point, `applicationServerKey` of `pushManager.subscribe`."""

    def __repr__(self) -> str:
        return f"VapidKeys(application_server_key={self.application_server_key!r})"


class VapidSigner(msgspec.Struct, frozen=True):
    """A loaded key; `vapid` is what pywebpush signs with, parsed once instead of at every send."""

    vapid: Vapid02
    application_server_key: str


def generate() -> VapidKeys:
    """A new key pair. Browsers subscribe with it: replacing it means subscribing them all again."""
    key = ec.generate_private_key(ec.SECP256R1())
    scalar = key.private_numbers().private_value.to_bytes(_SCALAR_BYTES, "big")
    return VapidKeys(base64url.encode(scalar), _public(key))


def load(private_key: str) -> VapidSigner:
    """The signer of a key as `generate` spells it. ValueError, never quoting the key, when malformed."""
    try:
        scalar = base64url.decode(private_key.strip())
    except ValueError:
        raise ValueError("the VAPID private key is not base64url") from None
    if len(scalar) != _SCALAR_BYTES:
        raise ValueError(
            f"the VAPID private key has {len(scalar)} bytes, not {_SCALAR_BYTES}: 43 characters of base64url"
        )
    try:
        key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
    except ValueError:
        raise ValueError("the VAPID private key is not a number on the curve P-256") from None
    return VapidSigner(Vapid02(key), _public(key))


def check_subject(signer: VapidSigner, subject: str) -> None:
    """ValueError unless `subject` (RFC 8292 section 2.1: whom a push service writes to) will be signed.

    Asks the library that signs, at start-up, because it would refuse at every send.
    """
    try:
        signer.vapid.sign({"sub": subject, "aud": "https://push.example"})
    except VapidException:
        raise ValueError("the VAPID subject must be mailto:someone@host or https://host without a path") from None


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    return base64url.encode(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
