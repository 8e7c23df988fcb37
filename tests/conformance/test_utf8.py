"""RFC 6455 section 8.1: a text is UTF-8, or the connection fails (the cases of Autobahn's group 6).

The texts are those of Markus Kuhn's decoder stress test. A text is judged when it is complete: RFC 6455 allows to fail
earlier, and asks for nothing of the kind.
"""

import pytest

from hub.live.close_codes import CloseCode
from tests.conformance import wire
from tests.conformance.peer import WORDS, Peer

NO_UTF8 = 1007

GOOD = {
    "words": WORDS,
    "first of two bytes": b"\xc2\x80",
    "first of three bytes": b"\xe0\xa0\x80",
    "first of four bytes": b"\xf0\x90\x80\x80",
    "NUL": b"\x00",
    "last of one byte": b"\x7f",
    "last of two bytes": b"\xdf\xbf",
    "last of three bytes": b"\xef\xbf\xbf",
    "last before the surrogates": b"\xed\x9f\xbf",
    "first after the surrogates": b"\xee\x80\x80",
    "replacement character": b"\xef\xbf\xbd",
    "last of Unicode": b"\xf4\x8f\xbf\xbf",
    "byte order mark": b"\xef\xbb\xbfx",
    "no characters, and yet allowed": b"\xef\xbf\xbe \xef\xb7\x90 \xf0\x9f\xbf\xbe \xf4\x8f\xbf\xbf",
}

BAD = {
    "a continuation alone": b"\x80",
    "the last continuation alone": b"\xbf",
    "continuations alone": b"\x80\xbf\x80\xbf\x80\xbf",
    "a start of two alone": b"\xc2 ",
    "a start of three alone": b"\xe0 ",
    "a start of four alone": b"\xf0 ",
    "two bytes cut": b"\xdf",
    "three bytes cut": b"\xef\xbf",
    "four bytes cut": b"\xf4\x8f\xbf",
    "bytes that never occur": b"\xfe\xfe\xff\xff",
    "slash in two bytes": b"\xc0\xaf",
    "slash in three bytes": b"\xe0\x80\xaf",
    "slash in four bytes": b"\xf0\x80\x80\xaf",
    "overlong two": b"\xc1\xbf",
    "overlong three": b"\xe0\x9f\xbf",
    "overlong four": b"\xf0\x8f\xbf\xbf",
    "NUL in two bytes": b"\xc0\x80",
    "first surrogate": b"\xed\xa0\x80",
    "last surrogate": b"\xed\xbf\xbf",
    "pair of surrogates": b"\xed\xa0\x80\xed\xb0\x80",
    "after the end of Unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "bad in the middle": "κόσμε".encode() + b"\xed\xa0\x80edited",
}


def _cases(texts: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in texts.items()])


@_cases(GOOD)
async def test_every_character_of_unicode_is_understood(attached: Peer, text: bytes) -> None:
    attached.say(wire.text(text), *wire.fragments(text, 1))
    assert [await attached.heard_text() for _ in range(2)] == [text, text]


@_cases(BAD)
async def test_anything_else_fails_the_connection(peer: Peer, text: bytes) -> None:
    await peer.is_answered()
    peer.say(wire.text(text), wire.ping(b"too late"))
    assert await peer.closed_with() == NO_UTF8


@_cases(BAD)
async def test_bad_text_is_no_better_in_fragments(peer: Peer, text: bytes) -> None:
    peer.say(wire.text(b"", fin=False), *(wire.more(bytes([byte])) for byte in text), wire.last(b""))
    assert await peer.closed_with() == NO_UTF8


@_cases(BAD)
async def test_the_reason_of_a_close_is_text_too(peer: Peer, text: bytes) -> None:
    peer.say(wire.close(1000, text))
    assert await peer.closed_with() == NO_UTF8


@_cases(BAD)
async def test_a_binary_message_may_be_anything(attached: Peer, text: bytes) -> None:
    attached.say(wire.frame(wire.BINARY, text))
    assert await attached.dismissed_with() == CloseCode.PROTOCOL


async def test_the_hub_reads_every_character_and_then_its_meaning(device: Peer) -> None:
    device.say(wire.text('{"t":"refresh","token":"κόσμε 𝄞"}'.encode()))
    assert b"bad_token" in await device.heard_text()
    assert await device.dismissed_with() == CloseCode.BAD_TOKEN
