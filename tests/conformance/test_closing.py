"""RFC 6455 section 7: goodbyes (the cases of Autobahn's group 7)."""

import re

import pytest
from websockets.frames import Close

from hub.live.close_codes import CloseCode
from tests.conformance import wire
from tests.conformance.peer import Peer
from tests.hub_process import Customer

NORMAL, PROTOCOL_ERROR, NO_CODE, NO_UTF8 = 1000, 1002, 1005, 1007

ALLOWED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
# 1004 is reserved; 1005, 1006 and 1015 are for APIs and never on the wire; the others nobody gave a meaning.
FORBIDDEN = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


@pytest.mark.parametrize("code", ALLOWED)
async def test_a_goodbye_is_answered_with_its_code(peer: Peer, code: int) -> None:
    peer.say(wire.close(code))
    assert await peer.closed_with() == code


@pytest.mark.parametrize("code", FORBIDDEN)
async def test_a_code_that_may_not_be_said_fails_the_connection(peer: Peer, code: int) -> None:
    peer.say(wire.close(code))
    assert await peer.closed_with() == PROTOCOL_ERROR


async def test_a_goodbye_needs_no_code(peer: Peer) -> None:
    peer.say(wire.frame(wire.CLOSE))
    assert await peer.closed_with() == NO_CODE


async def test_half_a_code_fails_the_connection(peer: Peer) -> None:
    peer.say(wire.frame(wire.CLOSE, b"\x03"))
    assert await peer.closed_with() == PROTOCOL_ERROR


@pytest.mark.parametrize("reason", ["", "Hello World!", "κόσμε", "*" * 123])
async def test_a_goodbye_may_have_a_reason(peer: Peer, reason: str) -> None:
    peer.say(wire.close(NORMAL, reason.encode()))
    assert await peer.closed_with() == NORMAL


async def test_a_goodbye_in_the_middle_of_a_message_is_one(peer: Peer) -> None:
    """Autobahn 7.1.5; uvicorn alone answers 1002."""
    peer.say(wire.text(b"unfinished", fin=False), wire.close(NORMAL))
    assert await peer.closed_with() == NORMAL


async def test_a_goodbye_after_more_fragments_is_one(peer: Peer) -> None:
    peer.say(wire.text(b"still ", fin=False), wire.more(b"unfinished"))
    peer.say(wire.ping(b"are you there?"))
    assert await peer.heard_pong() == b"are you there?"
    peer.say(wire.close(3000))
    assert await peer.closed_with() == 3000


@pytest.mark.parametrize(
    "said",
    [wire.text(b"hello?"), wire.ping(b"hello?"), wire.close(NORMAL), wire.frame(3)],
    ids=["text", "ping", "goodbye", "violation"],
)
async def test_after_its_goodbye_a_client_is_not_heard_any_more(peer: Peer, said: bytes) -> None:
    peer.say(wire.close(NORMAL), said)
    assert await peer.closed_with() == NORMAL


async def test_what_was_said_before_the_goodbye_is_answered_before_it(attached: Peer) -> None:
    attached.say(wire.text(b"first"), wire.ping(b"second"), wire.text(b"third"), wire.close(NORMAL))
    said = [await attached.heard() for _ in range(3)]
    assert sorted(bytes(frame.data) for frame in said) == [b"first", b"second", b"third"]
    assert await attached.closed_with() == NORMAL


@pytest.mark.parametrize(
    ("last_words", "code"),
    [
        pytest.param(wire.text(b"nonsense"), CloseCode.PROTOCOL, id="nonsense"),
        pytest.param(wire.text(b"nonsense") * 2, CloseCode.PROTOCOL, id="nonsense twice"),
        pytest.param(wire.frame(wire.BINARY, b"x"), CloseCode.PROTOCOL, id="binary"),
        pytest.param(wire.text(b"\xff"), NO_UTF8, id="no UTF-8"),
        pytest.param(wire.ping(b"x") + wire.text(b"\xff"), NO_UTF8, id="a ping and no UTF-8"),
    ],
)
async def test_last_words_are_judged_before_the_goodbye_behind_them(device: Peer, last_words: bytes, code: int) -> None:
    device.say(last_words, wire.close(NORMAL))
    while (frame := await device.heard()).opcode is not wire.CLOSE:
        assert frame.opcode is wire.PONG or b"error" in frame.data
    assert Close.parse(frame.data).code == code
    assert await device.rest() == b""


async def test_when_the_hub_says_goodbye_it_waits_for_the_answer(device: Peer) -> None:
    device.say(wire.text(b"nonsense"))
    assert b"error" in await device.heard_text()
    assert (await device.heard()).opcode is wire.CLOSE
    device.say(wire.text(b"still talking"), wire.ping(b"still here"))
    assert await device.heard_pong() == b"still here"
    device.say(wire.close(CloseCode.PROTOCOL))
    assert await device.rest() == b""


async def test_a_client_that_answers_the_hubs_goodbye_with_a_violation_is_gone(device: Peer) -> None:
    device.say(wire.text(b"nonsense"))
    assert b"error" in await device.heard_text()
    assert (await device.heard()).opcode is wire.CLOSE
    device.say(wire.frame(3))
    assert await device.rest() == b""


async def test_a_client_is_dismissed_once_however_much_nonsense_it_says(device: Peer, customer: Customer) -> None:
    before = await _dismissed(customer)
    device.say(wire.text(b"nonsense") * 3)
    assert b"error" in await device.heard_text()
    assert await device.dismissed_with() == CloseCode.PROTOCOL
    assert await _dismissed(customer) == before + 1


async def _dismissed(customer: Customer) -> float:
    text = (await customer.http.get("/metrics")).text
    found = re.search(f'^hark_closed_total{{code="{CloseCode.PROTOCOL}"}} (.*)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_client_that_goes_without_goodbye_is_gone(peer: Peer) -> None:
    peer.end()
    assert await peer.rest() == b""
