"""Identifiers made by Hark."""

import os
import time
from array import array
from uuid import UUID

POOL_BYTES = 4096  # of entropy drawn at once: a system call an id costs more than the id
MILLISECOND_NS = 1_000_000

_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62

_pool = array("Q")


def _forget_pool() -> None:
    """A fork must not make the ids of its parent."""
    del _pool[:]


os.register_at_fork(after_in_child=_forget_pool)


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 §5.7, with method 3 of §6.2): 48 bits of Unix milliseconds, 12 bits of a
    millisecond's fraction, then 62 random bits.

    Time-ordered so that a primary-key index grows at its right edge. It tells when it was made.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), MILLISECOND_NS)
    if not _pool:
        _pool.frombytes(os.urandom(POOL_BYTES))
    fraction = (nanoseconds << 12) // MILLISECOND_NS
    return UUID(int=milliseconds << 80 | _VERSION_AND_VARIANT | fraction << 64 | _pool.pop() >> 2)
