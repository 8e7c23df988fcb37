"""RFC 6455 sections 5.5.2 and 5.5.3 (the cases of Autobahn's group 2)."""

import pytest

from tests.conformance import wire
from tests.conformance.peer import Peer

PAYLOADS = {"none": b"", "text": b"Hello, world!", "no text": b"\x00\xff\xfe\xfd\xfc\xfb", "the longest": b"\xfe" * 125}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_a_ping_is_answered_with_its_payload(peer: Peer, payload: bytes) -> None:
    peer.say(wire.ping(payload))
    assert await peer.heard_pong() == payload


async def test_a_ping_may_come_byte_by_byte(peer: Peer) -> None:
    peer.say_in_pieces(wire.ping(b"\xfe" * 125), 1)
    assert await peer.heard_pong() == b"\xfe" * 125


@pytest.mark.parametrize("size", [1, 2**16], ids=["bytes", "one packet"])
async def test_every_ping_is_answered_and_in_order(peer: Peer, size: int) -> None:
    payloads = [f"payload-{number}".encode() for number in range(10)]
    peer.say_in_pieces(b"".join(map(wire.ping, payloads)), size)
    assert [await peer.heard_pong() for _ in payloads] == payloads


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_a_pong_that_nobody_asked_for_is_ignored(peer: Peer, payload: bytes) -> None:
    peer.say(wire.frame(wire.PONG, payload), wire.ping(b"asked"))
    assert await peer.heard_pong() == b"asked"
    await peer.is_answered()


@pytest.mark.parametrize("length", [126, 65535])
@pytest.mark.parametrize("opcode", [wire.PING, wire.PONG, wire.CLOSE])
async def test_a_control_frame_has_125_bytes_at_most(peer: Peer, opcode: int, length: int) -> None:
    peer.say(wire.frame(opcode, b"\x03\xe8".ljust(length)))
    assert await peer.closed_with() == 1002


@pytest.mark.parametrize("opcode", [wire.PING, wire.PONG, wire.CLOSE])
async def test_a_control_frame_has_no_fragments(peer: Peer, opcode: int) -> None:
    peer.say(wire.frame(opcode, b"\x03\xe8", fin=False), wire.last(b""))
    assert await peer.closed_with() == 1002
