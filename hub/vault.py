"""Seals texts before they are stored, and opens them again: AES-256-GCM (NIST SP 800-38D), with a fresh nonce each.

What is stored is `sealed:<name of the key>:<base64 of nonce, ciphertext and tag>`: it says itself by which key it is
read, so that rows of an old and a new key stand side by side while they are exchanged, and nothing else is to be kept.
A data key of its own for each row or table, wrapped by the one of the settings, would save only the rewriting of rows,
which takes seconds, and cost a table that has to be read before anything can be.
"""

import binascii
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.vault_keys import KEY_BYTES, LOOKUP, Keys
from sessions.sealing import Unreadable

SEALED = "sealed:"
NONCE_BYTES = 12  # random: good for 2^32 texts a key (SP 800-38D §8.3)


class Vault:
    """Fulfils `sessions.sealing.Seals`. Ciphers are made once: that takes longer than a text does."""

    def __init__(self, keys: Keys) -> None:
        self.names = tuple(keys.named)
        self.newest = self.names[0]
        self.prefix = f"{SEALED}{self.newest}:"
        """How everything begins that the newest key sealed."""
        self._ciphers = {name: AESGCM(_derived(key, b"hark seal")) for name, key in keys.named.items()}
        self._sealing = self._ciphers[self.newest]
        self._lookup = _derived(keys.lookup, b"hark look-up")
        self._keys = keys

    def seal(self, text: str, *place: str) -> str:
        """See Seals."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._sealing.encrypt(nonce, text.encode(), _bound(place))
        return self.prefix + binascii.b2a_base64(sealed, newline=False).decode()

    def open(self, stored: str, *place: str) -> str | Unreadable:
        """See Seals. What is not sealed is from before there were keys, and given back as it is; once `hark migrate` or
        `hark keys rotate` has been through, Postgres takes no such text any more."""
        if not stored.startswith(SEALED):
            return stored
        name, _, encoded = stored.removeprefix(SEALED).partition(":")
        cipher = self._ciphers.get(name)
        if cipher is None:
            return Unreadable("no_key")
        try:
            sealed = binascii.a2b_base64(encoded, strict_mode=True)
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(place)).decode()
        except (InvalidTag, ValueError):
            return Unreadable("damaged")

    def digest(self, text: str, *place: str) -> bytes:
        """See Seals: HMAC-SHA-256."""
        return hmac.digest(self._lookup, _bound((*place, text)), "sha256")

    def derived(self, purpose: str) -> bytes:
        """A key (32 bytes) for something else: the same wherever the settings are, for good, and told from no other."""
        return _derived(self._keys.lookup, f"hark {purpose}".encode())

    def proofs(self) -> dict[str, bytes]:
        """By what each key is known again, the one for look-ups too. It tells nothing about the key."""
        every = {**self._keys.named, LOOKUP: self._keys.lookup}
        return {name: _derived(key, b"hark proof") for name, key in every.items()}


def _bound(place: tuple[str, ...]) -> bytes:
    """No two places alike: none of these texts has a NUL, which Postgres stores in no text."""
    return "\0".join(place).encode()


def _derived(key: bytes, purpose: bytes) -> bytes:
    """RFC 5869; one key for one purpose."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
