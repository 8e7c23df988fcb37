"""Frames of `hark.v1` as server-sent events (WHATWG HTML, section 9.2), in the chunks of an HTTP/1.1 answer (RFC 9112,
section 7.1). Pure."""

from collections.abc import Iterable

import msgspec

CLOSE = b'{"t":"close","code":%d,"reason":"%s"}'
LAST_CHUNK = b"0\r\n\r\n"
_WITH_CURSOR = frozenset({b"msg", b"welcome"})


class _Entry(msgspec.Struct):
    cursor: str


class _Frame(msgspec.Struct):
    cursor: str | None = None
    entries: list[_Entry] = []


_frame = msgspec.json.Decoder(_Frame)


def event(message: bytes) -> bytes:
    """One event a frame, so that streams and sockets are read by the same code: `event` is its `t`, `data` the frame.

    `id` is where a client stands that has applied the frame, for a page the cursor of its last entry: an event is taken
    whole or not at all, so a page and its id are, too.
    """
    kind = message.split(b'"', 4)[3]  # `t` is first
    lines = [b"event: " + kind]
    if kind in _WITH_CURSOR and (cursor := _cursor(message)):
        lines.append(b"id: " + cursor.encode())
    # A sender's `data` comes as it was written, line breaks between its tokens too: they would end the field.
    lines.append(b"data: " + message.replace(b"\r", b" ").replace(b"\n", b" "))
    return b"\n".join(lines) + b"\n\n"


def _cursor(message: bytes) -> str | None:
    frame = _frame.decode(message)
    return frame.entries[-1].cursor if frame.entries else frame.cursor


def chunk(messages: Iterable[bytes]) -> bytes:
    """These frames' events, ready to be written."""
    events = b"".join(map(event, messages))
    return b"%x\r\n%b\r\n" % (len(events), events)


def goodbye(code: int, reason: str) -> bytes:
    """The end of a stream, with what a close frame tells a socket."""
    return chunk([CLOSE % (code, reason.encode())]) + LAST_CHUNK


def retry(after_ms: int) -> bytes:
    """How long a client waits before it reconnects, unless it knows better."""
    return b"retry: %d\n\n" % after_ms
