"""The same bytes to many sockets in one system call: Linux's io_uring (io_uring_enter(2), kernel 5.6 and newer).

A system call a socket is most of what a broadcast costs. Many containers forbid io_uring, and other systems do not have
it: `Ring.open()` then gives None, and whoever wanted one writes to each socket by itself.
"""

import ctypes
import mmap
import os
import socket
import sys
import weakref
from array import array
from collections.abc import Sequence

SETUP, ENTER = 425, 426  # the same numbers on every architecture that Python is built for
SQ_RING, SQES = 0, 0x10000000  # offsets to map (io_uring.h)
GETEVENTS = 1
SINGLE_MMAP = 1
SEND = 26  # IORING_OP_SEND
FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL  # done or refused before the call returns; never put off

WORD = 0xFFFFFFFF

SQE_BYTES, CQE_BYTES, ARRAY_ENTRY_BYTES = 64, 16, 4


class _Offsets(ctypes.Structure):
    """io_sqring_offsets and io_cqring_offsets: the latter has `cqes` where the former has `dropped`."""

    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("head", "tail", "mask", "entries", "flags", "dropped", "array", "_")),
        ("user_address", ctypes.c_uint64),
    )
    head: int
    tail: int
    mask: int
    flags: int
    dropped: int
    array: int


class _Params(ctypes.Structure):
    """io_uring_params."""

    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("sq_entries", "cq_entries", "flags", "cpu", "idle", "features", "wq")),
        ("_", ctypes.c_uint32 * 3),
        ("sq", _Offsets),
        ("cq", _Offsets),
    )
    sq_entries: int
    cq_entries: int
    features: int
    sq: _Offsets
    cq: _Offsets


class Ring:
    """A submission and a completion queue shared with the kernel. Not thread-safe."""

    def __init__(self, descriptor: int, params: _Params) -> None:
        """Raises OSError when the kernel does not let its queues be mapped."""
        self.size = params.sq_entries
        ring_bytes = max(
            params.sq.array + params.sq_entries * ARRAY_ENTRY_BYTES, params.cq.dropped + params.cq_entries * CQE_BYTES
        )
        ring = memoryview(mmap.mmap(descriptor, ring_bytes, offset=SQ_RING))
        entries = memoryview(mmap.mmap(descriptor, params.sq_entries * SQE_BYTES, offset=SQES))
        self._descriptor = descriptor
        self.works = True
        weakref.finalize(self, os.close, descriptor)
        self._words = ring.cast("I")
        self._sq_tail, self._cq_head, self._cq_tail = params.sq.tail // 4, params.cq.head // 4, params.cq.tail // 4
        self._mask = params.cq_entries - 1
        first = params.cq.dropped // 4  # of the completions: 8 bytes of user data, 4 of result, 4 of flags
        completions = slice(first, first + 4 * params.cq_entries)
        self._indexes, self._results = self._words[completions][::4], ring.cast("i")[completions][2::4]
        # io_uring_sqe, 64 bytes: what to do at 0, fd at 4, addr at 16, len at 24, flags at 28, our own data at 32.
        self._sockets = entries.cast("i")[1::16]
        self._addresses = entries.cast("Q")[2::8]
        self._lengths = entries.cast("I")[6::16]
        for index in range(self.size):
            entries[index * SQE_BYTES] = SEND
            entries.cast("I")[index * 16 + 7] = FLAGS
            entries.cast("I")[index * 16 + 8] = index
        self._order = self._words[params.sq.array // 4 :][: self.size]  # which entry each place of the queue means
        self._ascending = memoryview(array("I", range(self.size)))

    @classmethod
    def open(cls, size: int) -> "Ring | None":
        """For up to `size` sockets a call, a power of two; None where there is no io_uring."""
        if sys.platform != "linux":
            return None  # the numbers mean other calls
        params = _Params()
        try:
            descriptor = _system_call(SETUP, size, ctypes.addressof(params), 0, 0)
        except OSError:
            return None
        try:
            if params.features & SINGLE_MMAP:
                return cls(descriptor, params)
        except OSError:
            pass
        os.close(descriptor)
        return None

    def send(self, sockets: Sequence[int], data: bytes) -> list[int]:
        """How many bytes each took, in order; negative: why none, as in errno. Waits for nobody.

        At most `size` sockets. When the kernel takes no more work, `works` is False from then on.
        """
        count = len(sockets)
        self._sockets[:count] = memoryview(array("i", sockets))
        self._addresses[:count] = memoryview(array("Q", [_address(data)]) * count)
        self._lengths[:count] = memoryview(array("I", [len(data)]) * count)
        tail = self._words[self._sq_tail]
        place = tail & self.size - 1
        before_the_end = min(count, self.size - place)
        self._order[place : place + before_the_end] = self._ascending[:before_the_end]
        self._order[: count - before_the_end] = self._ascending[before_the_end:count]
        self._words[self._sq_tail] = tail + count & WORD
        submitted = self._enter(count, count)
        while self._waiting() < submitted:  # a signal came first
            self._enter(0, submitted - self._waiting())
        return self._taken(count, submitted, len(data))

    def _enter(self, submit: int, wait_for: int) -> int:
        try:
            done = _system_call(ENTER, self._descriptor, submit, wait_for, GETEVENTS)
        except OSError:  # of a signal too, while it only waits
            done = 0
        self.works = self.works and done == submit
        return done

    def _waiting(self) -> int:
        return self._words[self._cq_tail] - self._words[self._cq_head] & WORD

    def _taken(self, count: int, completed: int, expected: int) -> list[int]:
        head = self._words[self._cq_head]
        self._words[self._cq_head] = head + completed & WORD
        start = head & self._mask
        results = self._results[start : start + completed].tolist()
        results += self._results[: completed - len(results)].tolist()
        if results.count(expected) == count:  # nearly always
            return results
        asked = self._indexes[start : start + completed].tolist()
        asked += self._indexes[: completed - len(asked)].tolist()
        taken = [0] * count
        for index, result in zip(asked, results, strict=True):
            taken[index] = result
        return taken


def _address(data: bytes) -> int:
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def _system_call(number: int, *arguments: int) -> int:
    """Raises OSError."""
    result: int = _LIBC.syscall(number, *map(ctypes.c_long, arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
