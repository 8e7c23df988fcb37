"""One message to many sockets: what each took, whether the kernel offers a ring for it or not."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from hub.live.close_codes import CloseCode
from hub.live.framing import Encoded
from hub.live.ring import Ring
from hub.live.writer import Writer

RING = 16
FULL = b"x" * 1_000_000  # more than a socket takes at once
needs_a_ring = pytest.mark.skipif(Ring.open(RING) is None, reason="this kernel, or this container, forbids io_uring")


class Pair:
    """A wire over a real socket, and the client at its other end."""

    def __init__(self) -> None:
        self.ours, self.client = socket.socketpair()
        self.ours.settimeout(0)
        self.direct = self.ours.fileno()
        self.rest: list[bytes] = []  # what the socket did not take
        self.written: list[bytes] = []  # not directly

    def write(self, text: Encoded) -> None:
        self.written.append(text.frame)

    def finish(self, text: Encoded, taken: int) -> None:
        if text.frame[taken:]:
            self.rest.append(text.frame[taken:])

    def close(self, code: CloseCode) -> None:
        raise AssertionError(code)

    def abort(self) -> None:
        raise AssertionError("aborted")

    def heard(self, size: int) -> bytes:
        """What the client can read now of so many bytes."""
        heard = b""
        self.client.settimeout(0)
        while len(heard) < size:
            try:
                heard += self.client.recv(size - len(heard))
            except BlockingIOError:
                break
        return heard


@contextlib.contextmanager
def paired(number: int) -> Iterator[list[Pair]]:
    made = [Pair() for _ in range(number)]
    try:
        yield made
    finally:
        for pair in made:
            pair.ours.close()
            pair.client.close()


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    with paired(RING) as made:
        yield made


def text(frame: bytes) -> Encoded:
    return Encoded(b"", frame)


@needs_a_ring
def test_everybody_hears_everything_in_order(pairs: list[Pair]) -> None:
    writer = Writer(RING)
    sent = [b"%d;" % number for number in range(200)]  # the queues come round several times
    for frame in sent:
        writer.to_all(pairs[: len(frame) + 7], text(frame))
    expected = [b"".join(frame for frame in sent if place < len(frame) + 7) for place in range(RING)]
    assert [pair.heard(1000) for pair in pairs] == expected
    assert not any(pair.rest or pair.written for pair in pairs)


@needs_a_ring
def test_each_hears_what_is_its_own_however_many_there_are() -> None:
    writer = Writer(RING)
    with paired(RING * 3 - 2) as pairs:
        writer.to_each({pair: text(b"for %d" % place) for place, pair in enumerate(pairs)})
        assert [pair.heard(100) for pair in pairs] == [b"for %d" % place for place in range(len(pairs))]
        pairs[4].direct = -1
        writer.to_each({pair: text(FULL if place == 2 else b"again") for place, pair in enumerate(pairs)})
        assert b"".join([pairs[2].heard(len(FULL)), *pairs[2].rest]) == FULL
        assert pairs[4].written == [b"again"]
        assert all(pair.heard(5) == b"again" for place, pair in enumerate(pairs) if place not in {2, 4})


@needs_a_ring
def test_what_a_socket_does_not_take_is_told_to_its_wire_alone(pairs: list[Pair]) -> None:
    writer = Writer(RING)
    writer.to_all([pairs[3]] * 8, text(FULL))  # takes a part of the first and nothing of the others
    pairs[5].client.close()
    assert b"".join([pairs[3].heard(1_000_000), pairs[3].rest.pop(0)]) == FULL
    assert pairs[3].rest == [FULL] * 7
    pairs[3].rest.clear()
    writer.to_all(pairs, text(b"hello"))
    assert [pair.rest for pair in pairs] == [[b"hello"] if place == 5 else [] for place in range(RING)]
    assert all(pair.heard(5) == b"hello" for place, pair in enumerate(pairs) if place != 5)


@needs_a_ring
def test_who_may_not_be_written_to_directly_is_written_to_as_always(pairs: list[Pair]) -> None:
    for pair in pairs[::3]:
        pair.direct = -1
    Writer(RING).to_all(pairs, text(b"hello"))
    assert [pair.written for pair in pairs[::3]] == [[b"hello"]] * 6
    assert [pair.heard(9) for pair in pairs] == [b"" if pair.direct == -1 else b"hello" for pair in pairs]


@needs_a_ring
def test_a_ring_that_fails_loses_nothing_and_is_not_asked_again(pairs: list[Pair]) -> None:
    writer = Writer(RING)
    assert writer._ring is not None
    writer._ring._descriptor = -1
    writer.to_all(pairs, text(b"hello"))
    assert [pair.rest for pair in pairs] == [[b"hello"]] * RING
    writer.to_all(pairs, text(b"again"))
    assert [pair.written for pair in pairs] == [[b"again"]] * RING


def test_without_a_ring_each_is_written_to(pairs: list[Pair]) -> None:
    without = Writer(0)  # a ring of no size is none
    without.to_all(pairs, text(b"hello"))
    assert [pair.written for pair in pairs] == [[b"hello"]] * RING
