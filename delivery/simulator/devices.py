"""Simulated browsers: who they are and what keys they hold. Pure, and without any storage.

A device is nothing but its id. Its keys are derived from the id, so that a subscription made before a restart
of the simulator can still be pushed to after it. They protect nothing: whoever reads this file can make them.
"""

import hashlib
import re

import http_ece
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from delivery import base64url
from delivery.simulator.mailbox import mailbox_id
from delivery.simulator.phone_number import phone_number

NAME_PATTERN = r"^[A-Za-z0-9_-]{1,64}\Z"

_SEED = b"hark simulator: these keys are public"
_BINDING_LENGTH = 22  # 128 bits
_ID = re.compile(rf"(?P<name>[A-Za-z0-9_-]{{1,64}})(?:\.(?P<binding>[A-Za-z0-9_-]{{{_BINDING_LENGTH}}}))?")
_PUSH_PATH = "/push/"

# The order of P-256 (FIPS 186-5): private keys are 1 to this less one.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

# What encryption adds: a header with a 65-byte key, a delimiter and a tag (RFC 8188 section 2, RFC 8291).
_OVERHEAD_BYTES = 86 + 1 + 16


class SubscriptionKeys(msgspec.Struct, frozen=True):
    p256dh: str
    auth: str


class PushSubscription(msgspec.Struct, frozen=True, rename="camel"):
    """What a browser's `PushSubscription.toJSON()` gives (W3C Push API)."""

    endpoint: str
    keys: SubscriptionKeys
    expiration_time: int | None = None


class _Addressed(msgspec.Struct, frozen=True):
    """As much of a subscription's JSON as leads to a device."""

    endpoint: str


class Device(msgspec.Struct, frozen=True):
    """One simulated browser."""

    id: str
    binding: str | None
    """Of the one VAPID key that may push to it (RFC 8292 section 4), see `binding_of`; None when any may."""

    def subscription(self, origin: str) -> PushSubscription:
        """As the browser would give it, at a push service that is reached at `origin`."""
        point = self._private_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = SubscriptionKeys(base64url.encode(point), base64url.encode(self._auth()))
        return PushSubscription(f"{origin}{_PUSH_PATH}{self.id}", keys)

    def decrypt(self, body: bytes) -> bytes | None:
        """The plaintext of an aes128gcm body (RFC 8291); None when it was not encrypted for this device."""
        # The library takes a header with nothing behind it for an empty message, which nobody authenticated.
        if len(body) < _OVERHEAD_BYTES:
            return None
        try:
            plaintext: bytes = http_ece.decrypt(body, private_key=self._private_key(), auth_secret=self._auth())
        except (http_ece.ECEException, ValueError):
            return None
        return plaintext

    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        # 16 bytes more than the order has, so that the remainder is as good as uniform.
        wide = int.from_bytes(self._derived(b"p256dh", 48), "big")
        return ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())

    def _auth(self) -> bytes:
        return self._derived(b"auth", 16)

    def _derived(self, purpose: bytes, length: int) -> bytes:
        derivation = HKDF(hashes.SHA256(), length, salt=purpose, info=self.id.encode())
        return derivation.derive(_SEED)


def device(name: str, application_server_key: str | None) -> Device:
    """The device of that name; restricted to a VAPID key (base64url) it is another than unrestricted."""
    if application_server_key is None:
        return Device(name, None)
    binding = binding_of(application_server_key)
    return Device(f"{name}.{binding}", binding)


def read_device(device_id: str) -> Device | None:
    """The device of an id; None when no device can have it."""
    match = _ID.fullmatch(device_id)
    return Device(device_id, match["binding"]) if match else None


def device_id_of(token: str) -> str:
    """The device id in a token: a subscription's JSON text, an endpoint at any origin, an e-mail address, a phone
    number, or the id itself."""
    try:
        endpoint = msgspec.json.decode(token, type=_Addressed).endpoint
    except msgspec.DecodeError:
        endpoint = token
    device_id = endpoint.rpartition(_PUSH_PATH)[2]
    return mailbox_id(device_id) or phone_number(device_id) or device_id


def binding_of(application_server_key: str) -> str:
    """A VAPID key's short name, as it stands in the ids of the devices restricted to it."""
    digest = hashlib.sha256(base64url.decode(application_server_key)).digest()
    return base64url.encode(digest)[:_BINDING_LENGTH]
