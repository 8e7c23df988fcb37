"""RFC 6455 section 5.4 (the cases of Autobahn's groups 5 and 10)."""

import pytest

from hub.live.close_codes import CloseCode
from tests.conformance import wire
from tests.conformance.peer import Peer

PROTOCOL_ERROR = 1002


@pytest.mark.parametrize("size", [1, 2, 3, 10, 50])
async def test_a_message_may_come_in_fragments(peer: Peer, size: int) -> None:
    peer.say(*wire.fragments(peer.question, size))
    assert await peer.heard_text() == peer.answer


async def test_a_fragment_may_come_byte_by_byte(peer: Peer) -> None:
    peer.say_in_pieces(b"".join(wire.fragments(peer.question, 7)), 1)
    assert await peer.heard_text() == peer.answer


async def test_a_binary_message_may_come_in_fragments(attached: Peer) -> None:
    attached.say(*wire.fragments(bytes(range(256)), 40, opcode=wire.BINARY))
    assert await attached.dismissed_with() == CloseCode.PROTOCOL


async def test_a_fragment_may_be_empty(peer: Peer) -> None:
    peer.say(wire.text(b"", fin=False), wire.more(b""), wire.more(peer.question), wire.more(b""), wire.last(b""))
    assert await peer.heard_text() == peer.answer


async def test_an_empty_message_may_come_in_fragments(attached: Peer) -> None:
    attached.say(wire.text(b"", fin=False), wire.more(b""), wire.last(b""))
    assert await attached.heard_text() == b""


async def test_the_largest_message_may_come_in_fragments(attached: Peer) -> None:
    attached.say(*wire.fragments(b"*" * 65536, 1300))
    assert await attached.heard_text() == b"*" * 65536


@pytest.mark.parametrize("size", [1, 2**16], ids=["bytes", "one packet"])
async def test_a_ping_between_fragments_is_answered_before_the_message(peer: Peer, size: int) -> None:
    first, second, third = wire.fragments(peer.question, len(peer.question) // 2)
    said = [first, wire.ping(b"one"), second, wire.ping(b"two"), wire.frame(wire.PONG, b"unasked"), third]
    peer.say_in_pieces(b"".join(said), size)
    assert await peer.heard_pong() == b"one"
    assert await peer.heard_pong() == b"two"
    assert await peer.heard_text() == peer.answer


@pytest.mark.parametrize("payload", [b"", b"x"], ids=["empty", "x"])
@pytest.mark.parametrize("fin", [True, False])
async def test_nothing_is_continued_that_was_not_begun(peer: Peer, payload: bytes, *, fin: bool) -> None:
    peer.say(wire.frame(wire.CONT, payload, fin=fin))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("fin", [True, False])
async def test_nothing_is_continued_that_was_finished(peer: Peer, *, fin: bool) -> None:
    peer.say(*wire.fragments(peer.question, 20))
    assert await peer.heard_text() == peer.answer
    peer.say(wire.frame(wire.CONT, b"\xff", fin=fin))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("opcode", [wire.TEXT, wire.BINARY])
@pytest.mark.parametrize("fin", [True, False])
async def test_a_message_is_finished_before_the_next_begins(peer: Peer, opcode: int, *, fin: bool) -> None:
    peer.say(wire.text(b"unfinished", fin=False), wire.frame(opcode, b"next", fin=fin))
    assert await peer.closed_with() == PROTOCOL_ERROR
