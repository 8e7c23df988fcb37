"""What Redis calls users, topics and addresses: by keyed digests. Who lists its channels and keys learns nobody's id,
and no id that somebody chose is a name there."""

import hashlib

from hub.vault import Vault

DIGEST_BYTES = 16


class RedisNames:
    """The same on every hub and worker that has the same encryption keys."""

    def __init__(self, vault: Vault) -> None:
        key = vault.derived("redis names")
        self._keyed = hashlib.blake2b(key=key, digest_size=DIGEST_BYTES)  # RFC 7693 §2.9; half of what an HMAC takes

    def channel(self, name: str) -> bytes:
        """Where messages of a channel are published."""
        return b"hark:" + self._digest(name)

    def level(self, name: str) -> bytes:
        """Where the level of a rate limit is kept."""
        return b"hark:rate:" + self._digest(name)

    def _digest(self, name: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(name.encode())
        return keyed.hexdigest().encode()
