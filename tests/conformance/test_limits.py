"""What a client cannot make a socket do, however long it talks: each limit has its close code (Autobahn's group 9 has
no limits, so these are ours)."""

import pytest

from hub.live.framing import MESSAGE_BYTES
from tests.conformance import wire
from tests.conformance.echo import Echo
from tests.conformance.peer import Peer, echo_peer

TOO_BIG = 1009
FRAGMENTS = 64  # in one message


async def test_a_message_that_is_too_large_is_refused(peer: Peer) -> None:
    peer.say(wire.text(b"*" * (MESSAGE_BYTES + 1)))
    assert await peer.closed_with() == TOO_BIG


@pytest.mark.parametrize("claimed", [MESSAGE_BYTES + 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1])
async def test_it_is_refused_before_it_has_come(peer: Peer, claimed: int) -> None:
    peer.say(wire.frame(wire.TEXT, b"the beginning of it", claimed_length=claimed))
    assert await peer.closed_with() == TOO_BIG


async def test_fragments_that_are_too_large_together_are_refused(peer: Peer) -> None:
    peer.say(wire.text(b"*" * (MESSAGE_BYTES // 2), fin=False), wire.more(b"*" * (MESSAGE_BYTES // 2)), wire.last(b"*"))
    assert await peer.closed_with() == TOO_BIG


async def test_a_refusal_is_heard_by_a_client_that_goes_on_talking(peer: Peer) -> None:
    peer.say(wire.text(b"*" * 8_000_000))
    assert await peer.closed_with() == TOO_BIG


async def test_a_message_may_have_64_fragments(peer: Peer) -> None:
    for _ in range(3):  # each message anew
        peer.say(*([wire.text(b"", fin=False), wire.ping()] + [wire.more(b"")] * 62), wire.last(peer.question))
        assert await peer.heard_pong() == b""
        assert await peer.heard_text() == peer.answer


@pytest.mark.parametrize("opcode", [wire.TEXT, wire.BINARY])
async def test_more_fragments_are_refused(peer: Peer, opcode: int) -> None:
    peer.say(wire.frame(opcode, b"x", fin=False), *[wire.more(b"x")] * 63, wire.last(b"x"))
    assert await peer.closed_with() == TOO_BIG


async def test_two_hundred_thousand_fragments_are_not_even_read(peer: Peer) -> None:
    peer.say(wire.text(b"x", fin=False), wire.more(b"x") * 200_000)
    assert await peer.closed_with() == TOO_BIG


async def test_pongs_that_are_not_read_cost_no_memory_and_the_last_one_comes(echo: Echo) -> None:
    async with echo_peer(echo, "attached") as deaf, echo_peer(echo, "attached") as other:
        deaf.stop_listening()
        for _ in range(60):
            deaf.say(wire.ping(b"*" * 125) * 2_000)
            await deaf.has_said()
        await other.is_answered()
        assert echo.unwritten() < 2**20
        deaf.say(wire.ping(b"the last"))
        deaf.listen_again()
        while await deaf.heard_pong() != b"the last":
            pass
