"""The seam between the endpoint and the node: what a client says before, with and behind its hello."""

import pytest
from websockets.frames import Close

from hub.live.close_codes import CloseCode
from tests.conformance import wire
from tests.conformance.peer import ACK, ACK_OK, Peer, hello
from tests.hub_process import Customer

NONSENSE, BINARY = wire.text(b"nonsense"), wire.frame(wire.BINARY, b"x")
WRONG = {"nonsense": NONSENSE, "nonsense twice": NONSENSE * 2, "binary": BINARY, "both": BINARY + NONSENSE}
NO_HELLO = {"nonsense": NONSENSE, "binary": BINARY, "nothing": wire.text(b""), "ack": wire.text(ACK)}
LEAVING = {"violation": (wire.frame(3), 1002), "goodbye": (wire.close(3000), 3000), "bad": (wire.text(b"\xff"), 1007)}


async def test_what_comes_in_one_packet_with_the_hello_is_heard(guest: Peer, customer: Customer) -> None:
    guest.say(await hello(customer), wire.ping(b"before the welcome"))
    assert await guest.heard_pong() == b"before the welcome"
    await guest.is_welcomed()
    await guest.is_answered()


async def test_a_message_may_begin_before_the_welcome_and_end_after_it(guest: Peer, customer: Customer) -> None:
    guest.say(await hello(customer), wire.text(ACK[:9], fin=False))
    await guest.is_welcomed()
    guest.say(wire.last(ACK[9:]))
    assert await guest.heard_text() == ACK_OK


@pytest.mark.parametrize("size", [1, 20, 2**16])
async def test_a_hello_may_come_in_pieces(guest: Peer, customer: Customer, size: int) -> None:
    guest.say_in_pieces(await hello(customer), size)
    await guest.is_welcomed()


@pytest.mark.parametrize("behind", WRONG.values(), ids=WRONG)
async def test_what_is_wrong_behind_the_hello_is_not_waited_with_for_the_welcome(
    guest: Peer, customer: Customer, behind: bytes
) -> None:
    guest.say(await hello(customer), behind)
    assert b'"error"' in await guest.heard_text()
    assert await guest.dismissed_with() == CloseCode.PROTOCOL


@pytest.mark.parametrize("hello", NO_HELLO.values(), ids=NO_HELLO)
async def test_a_bad_hello_is_refused_whatever_comes_behind_it(guest: Peer, hello: bytes) -> None:
    guest.say(hello, NONSENSE, wire.ping(), wire.text(b"unfinished", fin=False))
    frames = [await guest.heard() for _ in range(3)]
    assert [frame.opcode for frame in frames] == [wire.TEXT, wire.CLOSE, wire.PONG]
    assert Close.parse(frames[1].data).code == CloseCode.PROTOCOL


@pytest.mark.parametrize(
    ("said", "code"), [(wire.frame(3), 1002), (wire.close(3000), 3000), (wire.text(b"\xff"), 1007)]
)
async def test_who_leaves_before_the_welcome_is_gone(guest: Peer, customer: Customer, said: bytes, code: int) -> None:
    guest.say(await hello(customer), said)
    assert await guest.closed_with() == code


@pytest.mark.parametrize(
    ("said", "code"), [(wire.frame(3), 1002), (wire.close(3000), 3000), (wire.text(b"\xff"), 1007)]
)
async def test_who_leaves_without_a_hello_is_gone(guest: Peer, said: bytes, code: int) -> None:
    guest.say(said)
    assert await guest.closed_with() == code
