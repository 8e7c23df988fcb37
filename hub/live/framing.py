"""WebSocket framing (RFC 6455 §5 to §8) of a server without extensions, without I/O: bytes in, events out.

`websockets` does the handshake; from then on this takes over. A connection is opened once and held for hours, and an
idle one costs a hundred bytes here where a general parser with its queues costs thousands.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from websockets.exceptions import ProtocolError
from websockets.frames import Close, CloseCode, Frame, Opcode

try:
    from websockets.speedups import apply_mask
except ImportError:  # installed without its C part
    from websockets.utils import apply_mask

MESSAGE_BYTES = 64 * 1024  # the largest message a client may send
FRAGMENTS = 64  # frames of one message: honest clients send one, and each costs a turn of the parser
CONTROL_BYTES = 125  # §5.5

_FIN, _RESERVED, _OPCODE, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x80, 0x7F
_CONTROL = frozenset({Opcode.CLOSE, Opcode.PING, Opcode.PONG})
_DATA = frozenset({Opcode.CONT, Opcode.TEXT, Opcode.BINARY})


class Encoded(NamedTuple):
    """A message of ours, and the frame that carries it to WebSockets: made once, written to many."""

    message: bytes
    frame: bytes
    parts: tuple[bytes, ...] = ()  # the messages, when it is several that leave in one write


class Text(NamedTuple):
    """A whole text message."""

    text: str


class Binary(NamedTuple):
    """A whole binary message. What it holds is of no use here."""


class Ping(NamedTuple):
    """To be answered with a pong of the same bytes."""

    data: bytes


class Pong(NamedTuple):
    """An answer to a ping, or to nothing (§5.5.3)."""


class Goodbye(NamedTuple):
    """The peer's close frame: nothing follows it. `reply` is the frame that answers it."""

    reply: bytes


Event: TypeAlias = Text | Binary | Ping | Pong | Goodbye


class ViolationFound(Exception):
    """The peer broke the framing: the connection is to be failed with this close code (§7.4.1)."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Head(NamedTuple):
    fin: bool
    opcode: int
    mask_at: int
    end: int


class Framing:
    """The receiving half of one connection. Keeps only what is not whole yet."""

    __slots__ = ("_buffer", "_fragments", "_is_text", "_size")

    def __init__(self) -> None:
        self._buffer = b""
        self._fragments: list[bytes] | None = None  # of the message that is not whole yet
        self._size = 0  # of these, in bytes
        self._is_text = True  # that message is

    def feed(self, data: bytes) -> Iterator[Event]:
        """What is whole now. Raises ViolationFound; after that, and after a Goodbye, there is nothing more to feed."""
        buffer = self._buffer + data if self._buffer else data
        at = 0
        while (head := _head(buffer, at)) is not None and head.end <= len(buffer):
            at = head.end
            payload_at = head.mask_at + 4
            payload = apply_mask(buffer[payload_at:at], buffer[head.mask_at : payload_at]) if at > payload_at else b""
            if head.opcode in _CONTROL:
                yield _control(head.opcode, payload)
            elif (event := self._data(head, payload)) is not None:
                yield event
        self._buffer = buffer[at:]

    def _data(self, head: _Head, payload: bytes) -> Event | None:
        if head.opcode != Opcode.CONT:
            if self._fragments is not None:
                raise ViolationFound(CloseCode.PROTOCOL_ERROR, "a new message inside a fragmented one")
            self._is_text = head.opcode == Opcode.TEXT
            if head.fin:
                return _whole(payload, is_text=self._is_text)
            self._fragments, self._size = [], 0
        if self._fragments is None:
            raise ViolationFound(CloseCode.PROTOCOL_ERROR, "a continuation of nothing")
        self._fragments.append(payload)
        self._size += len(payload)
        if self._size > MESSAGE_BYTES or len(self._fragments) > FRAGMENTS:
            raise ViolationFound(CloseCode.MESSAGE_TOO_BIG, f"more than {MESSAGE_BYTES} bytes or {FRAGMENTS} fragments")
        if not head.fin:
            return None
        message, self._fragments = b"".join(self._fragments), None
        return _whole(message, is_text=self._is_text)


def _head(buffer: bytes, at: int) -> _Head | None:
    """The head of the frame that begins at `at`, or None while it is not all there. Refused as early as it can be."""
    available = len(buffer) - at
    if available < 2:
        return None
    first, second = buffer[at], buffer[at + 1]
    opcode, length, mask_at = first & _OPCODE, second & _LENGTH, at + 2
    _check(first, second, opcode, length)
    if length > CONTROL_BYTES:
        size = 2 if length == CONTROL_BYTES + 1 else 8
        if available < 2 + size:
            return None
        length = int.from_bytes(buffer[mask_at : mask_at + size])
        mask_at += size
        if length > MESSAGE_BYTES:
            raise ViolationFound(CloseCode.MESSAGE_TOO_BIG, f"more than {MESSAGE_BYTES} bytes")
    return _Head(bool(first & _FIN), opcode, mask_at, mask_at + 4 + length)


def _check(first: int, second: int, opcode: int, length: int) -> None:
    if first & _RESERVED:
        raise ViolationFound(CloseCode.PROTOCOL_ERROR, "reserved bits, and no extension was agreed on")
    if not second & _MASKED:
        raise ViolationFound(CloseCode.PROTOCOL_ERROR, "a frame without a mask")
    if opcode in _CONTROL:
        if length > CONTROL_BYTES or not first & _FIN:
            raise ViolationFound(CloseCode.PROTOCOL_ERROR, "a control frame that is long or fragmented")
    elif opcode not in _DATA:
        raise ViolationFound(CloseCode.PROTOCOL_ERROR, "a reserved opcode")


def _control(opcode: int, payload: bytes) -> Event:
    if opcode == Opcode.PING:
        return Ping(payload)
    if opcode == Opcode.PONG:
        return Pong()
    try:
        code = Close.parse(payload).code
    except ProtocolError as error:
        raise ViolationFound(CloseCode.PROTOCOL_ERROR, str(error)) from None
    except UnicodeDecodeError:
        raise ViolationFound(CloseCode.INVALID_DATA, "a reason that is not UTF-8") from None
    return Goodbye(close_frame(None if code == CloseCode.NO_STATUS_RCVD else code, ""))


def _whole(message: bytes, *, is_text: bool) -> Event:
    if not is_text:
        return Binary()
    try:
        return Text(message.decode())
    except UnicodeDecodeError:
        raise ViolationFound(CloseCode.INVALID_DATA, "a text that is not UTF-8") from None


def encoded(message: bytes) -> Encoded:
    """A text message of ours, ready to be written."""
    return Encoded(message, _text_head(len(message)) + message)


def joined(several: Sequence[Encoded]) -> Encoded:
    """Messages of ours that leave in one write."""
    return Encoded(b"", b"".join(text.frame for text in several), tuple(text.message for text in several))


def pong_frame(data: bytes) -> bytes:
    """The answer to a ping."""
    return _frame(Opcode.PONG, data)


def close_frame(code: int | None, reason: str) -> bytes:
    """A goodbye; without a code, when the peer gave none (§5.5.1)."""
    return _frame(Opcode.CLOSE, b"" if code is None else Close(code, reason).serialize())


def _text_head(size: int) -> bytes:
    """Of a whole text frame without a mask (§5.2). By hand: it is done for every entry, and the library does more."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2)
    return b"\x81\x7f" + size.to_bytes(8)


def _frame(opcode: Opcode, payload: bytes) -> bytes:
    return Frame(opcode, payload).serialize(mask=False, extensions=())
