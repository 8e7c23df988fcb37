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
from itertools import accumulate

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

    def send(self, data: bytes | Sequence[bytes], sockets: Sequence[int]) -> list[int]:
        """The same data to up to `size` sockets, or to each its own. Waits for nobody.

        How many bytes each took, in order; negative: why none, as in errno. Empty: every one took all of it. When the
        kernel takes no more work, `works` is False from then on.
        """
        if isinstance(data, bytes):
            lengths, together = [len(data)] * len(sockets), data
            addresses = [_address(data)] * len(sockets)
        else:
            lengths, together = [*map(len, data)], b"".join(data)
            addresses = [*accumulate(lengths[:-1], initial=_address(together))] if lengths else []
        submitted = self._submit(sockets, addresses, lengths)
        while self._waiting() < submitted:  # a signal came first
            self._enter(0, submitted - self._waiting())
        results, entries = self._completed(submitted)
        return [] if results == lengths else _in_order(results, entries, of=len(sockets))

    def _submit(self, sockets: Sequence[int], addresses: Sequence[int], lengths: Sequence[int]) -> int:
        """How many the kernel took; `addresses` hold what they point at until it has answered for all of them."""
        count = len(sockets)
        self._sockets[:count] = memoryview(array("i", sockets))
        self._addresses[:count] = memoryview(array("Q", addresses))
        self._lengths[:count] = memoryview(array("I", lengths))
        tail = self._words[self._sq_tail]
        place = tail & self.size - 1
        before_the_end = min(count, self.size - place)
        self._order[place : place + before_the_end] = self._ascending[:before_the_end]
        self._order[: count - before_the_end] = self._ascending[before_the_end:count]
        self._words[self._sq_tail] = tail + count & WORD
        return self._enter(count, count)

    def _enter(self, submit: int, wait_for: int) -> int:
        try:
            done = _system_call(ENTER, self._descriptor, submit, wait_for, GETEVENTS)
        except OSError:  # of a signal too, while it only waits
            done = 0
        self.works = self.works and done == submit
        return done

    def _waiting(self) -> int:
        return self._words[self._cq_tail] - self._words[self._cq_head] & WORD

    def _completed(self, count: int) -> tuple[list[int], list[int]]:
        """The results, and of which entries they are."""
        head = self._words[self._cq_head]
        self._words[self._cq_head] = head + count & WORD
        start = head & self._mask
        end = min(start + count, self._mask + 1)
        wrapped = slice(count - (end - start))
        results = self._results[start:end].tolist() + self._results[wrapped].tolist()
        return results, self._indexes[start:end].tolist() + self._indexes[wrapped].tolist()


def _in_order(results: Sequence[int], entries: Sequence[int], *, of: int) -> list[int]:
    by_entry = dict(zip(entries, results, strict=True))
    return [by_entry.get(entry, 0) for entry in range(of)]


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
