"""RFC 6455 section 5.2, frames of every length and kind (the cases of Autobahn's groups 1, 3 and 4)."""

import pytest

from hub.live.close_codes import CloseCode
from tests.conformance import wire
from tests.conformance.peer import ACK, ACK_OK, Peer

PROTOCOL_ERROR = 1002
CLOSING = b"\x03\xe8"  # a close frame's payload: 1000

LENGTHS = [0, 1, 125, 126, 127, 128, 65535, 65536]  # where the length's form changes, and the largest message
RESERVED_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]


@pytest.mark.parametrize("length", LENGTHS)
async def test_a_text_of_any_length_is_understood(attached: Peer, length: int) -> None:
    attached.say(wire.text(b"*" * length))
    assert await attached.heard_text() == b"*" * length


@pytest.mark.parametrize("length", [len(ACK), *LENGTHS[2:]])
async def test_a_frame_of_the_hubs_protocol_may_have_any_length(device: Peer, length: int) -> None:
    device.say(wire.text(ACK.ljust(length)))
    assert await device.heard_text() == ACK_OK


@pytest.mark.parametrize("length", LENGTHS)
async def test_a_binary_message_of_any_length_is_understood_and_not_wanted(attached: Peer, length: int) -> None:
    attached.say(wire.frame(wire.BINARY, b"\xfe" * length))
    assert await attached.dismissed_with() == CloseCode.PROTOCOL


@pytest.mark.parametrize("mask", [b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", wire.MASK], ids=bytes.hex)
async def test_any_mask_will_do(peer: Peer, mask: bytes) -> None:
    peer.say(wire.frame(wire.TEXT, peer.question, mask=mask))
    assert await peer.heard_text() == peer.answer


@pytest.mark.parametrize("size", [1, 997])
async def test_packets_may_end_anywhere(peer: Peer, size: int) -> None:
    padding = wire.frame(wire.PONG, b"*" * 125) * 8
    peer.say_in_pieces(padding + wire.text(peer.question) + padding, size)
    assert await peer.heard_text() == peer.answer


async def test_messages_are_answered_in_their_order(attached: Peer) -> None:
    texts = [f"number {number}".encode() for number in range(100)]
    attached.say(*map(wire.text, texts))
    assert [await attached.heard_text() for _ in texts] == texts


@pytest.mark.parametrize("opcode", [wire.TEXT, wire.BINARY, wire.CLOSE, wire.PING, wire.PONG])
async def test_a_frame_without_a_mask_fails_the_connection(peer: Peer, opcode: int) -> None:
    await peer.is_answered()
    peer.say(wire.frame(opcode, CLOSING, mask=wire.NO_MASK))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("opcode", [wire.TEXT, wire.BINARY, wire.CLOSE, wire.PING, wire.PONG])
@pytest.mark.parametrize("reserved", range(1, 8))
async def test_a_reserved_bit_fails_the_connection(peer: Peer, opcode: int, reserved: int) -> None:
    peer.say(wire.frame(opcode, CLOSING, reserved=reserved))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("payload", [b"", b"payload"], ids=["empty", "payload"])
@pytest.mark.parametrize("opcode", RESERVED_OPCODES)
async def test_a_reserved_opcode_fails_the_connection(peer: Peer, opcode: int, payload: bytes) -> None:
    peer.say(wire.frame(opcode, payload))
    assert await peer.closed_with() == PROTOCOL_ERROR


VIOLATIONS = {
    "reserved bit": wire.frame(wire.TEXT, b"x", reserved=0b100),
    "reserved opcode": wire.frame(5, b"x"),
    "no mask": wire.frame(wire.TEXT, b"x", mask=wire.NO_MASK),
    "nothing to continue": wire.more(b"x"),
}


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=VIOLATIONS)
async def test_what_was_said_before_a_violation_was_said(peer: Peer, violation: bytes) -> None:
    await peer.is_answered()
    peer.say(violation, wire.ping(b"too late"))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=VIOLATIONS)
async def test_what_came_in_one_packet_with_a_violation_is_answered_first(attached: Peer, violation: bytes) -> None:
    attached.say(wire.text(b"first"), wire.ping(b"second"), violation, wire.text(b"too late"))
    assert await attached.heard_text() == b"first"
    assert await attached.heard_pong() == b"second"
    assert await attached.closed_with() == PROTOCOL_ERROR
