"""Identifiers made by Hark."""

import os
import time
from uuid import UUID

POOL_BYTES = 4000  # of entropy drawn at once: a system call an id costs more than the id

_pool = b""


def _forget_pool() -> None:
    """A fork must not make the ids of its parent."""
    global _pool  # noqa: PLW0603 - a process has one
    _pool = b""


os.register_at_fork(after_in_child=_forget_pool)


def _entropy(size: int) -> bytes:
    global _pool  # noqa: PLW0603
    if len(_pool) < size:
        _pool = os.urandom(POOL_BYTES)
    drawn, _pool = _pool[:size], _pool[size:]
    return drawn


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Time-ordered so that a primary-key index grows at its right edge. It tells when it was made.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(_entropy(10))
    version_and_high = 0x7 << 12 | random >> 68
    variant_and_low = 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | version_and_high << 64 | variant_and_low)
