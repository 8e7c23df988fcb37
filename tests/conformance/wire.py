"""Frames of a client as bytes (RFC 6455 section 5.2), by hand: a library refuses to write the wrong ones."""

import struct

from websockets.frames import Opcode

CONT, TEXT, BINARY, CLOSE, PING, PONG = Opcode
MASK = b"\x37\xfa\x21\x3d"  # of the example in RFC 6455 section 5.7
NO_MASK = b""
FIN = 0b1000_0000


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes = MASK,
    claimed_length: int | None = None,
) -> bytes:
    """One frame. `reserved` are the bits RSV1 to RSV3 as a number; the payload may be shorter than it claims to be."""
    head = (FIN if fin else 0) | reserved << 4 | opcode
    return bytes([head]) + _length(claimed_length or len(payload), masked=bool(mask)) + mask + _masked(payload, mask)


def text(payload: bytes, *, fin: bool = True) -> bytes:
    """A text, or with `fin=False` its first fragment."""
    return frame(TEXT, payload, fin=fin)


def more(payload: bytes) -> bytes:
    """A fragment that is neither the first nor the last."""
    return frame(CONT, payload, fin=False)


def last(payload: bytes) -> bytes:
    """The last fragment."""
    return frame(CONT, payload)


def ping(payload: bytes = b"") -> bytes:
    return frame(PING, payload)


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def fragments(payload: bytes, size: int, *, opcode: Opcode = TEXT) -> list[bytes]:
    """The message in fragments of at most `size` bytes."""
    parts = [payload[start : start + size] for start in range(0, len(payload), size)]
    return [
        frame(opcode if number == 0 else CONT, part, fin=number == len(parts) - 1) for number, part in enumerate(parts)
    ]


def _length(length: int, *, masked: bool) -> bytes:
    mask_bit = 0b1000_0000 if masked else 0
    if length < 126:
        return bytes([mask_bit | length])
    if length < 2**16:
        return struct.pack("!BH", mask_bit | 126, length)
    return struct.pack("!BQ", mask_bit | 127, length)


def _masked(payload: bytes, mask: bytes) -> bytes:
    if not mask:
        return payload
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")
