"""Identifiers made by Hark."""

import os
import time
from uuid import UUID

POOL_BYTES = 4000  # of entropy drawn at once: a system call an id costs more than the id

_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_RANDOM = (1 << 80) - 1 & ~(0xF << 76) & ~(0b11 << 62)

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
    return UUID(int=milliseconds << 80 | int.from_bytes(_entropy(10)) & _RANDOM | _VERSION_AND_VARIANT)
