"""A line between a device and a hub: the hub's transport at one end, a tab at the other. What is on it may be held up
in either direction, lost with it, or go nowhere while the hub still believes in it (half-open)."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Protocol

import msgspec

from hub.live.detached import DetachedSocket
from tests.model.loop import Loop
from tests.model.watch import Frame, Watch

FULL = 2  # frames that nobody reads: a real buffer counts bytes
TEXT, CLOSE = 0x81, 0x88


class End(Protocol):
    """The device's end."""

    def hear(self, frame: Frame) -> None:
        """The hub said something."""

    def lost(self) -> None:
        """The line is gone."""


class NoSocket:
    """That a descriptor is asked of."""

    def fileno(self) -> int:
        """None that may be written to."""
        return -1


class Line(asyncio.Transport):
    """As asyncio's transports: `write` takes everything, and `pause_writing` is called inside it."""

    def __init__(self, loop: Loop, end: End, watch: Watch) -> None:
        super().__init__()
        self._loop = loop
        self._end = end
        self._watch = watch
        self._down: deque[bytes] = deque()
        self._up: deque[bytes] = deque()
        self._is_full = False
        self.socket: DetachedSocket
        self.is_open = True  # as far as the hub knows
        self.is_dead = False  # half-open: nothing arrives any more
        self.down_is_held = False
        self.up_is_held = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        """See asyncio.Transport. The kernel takes nothing of what is written past this."""
        return NoSocket() if name == "socket" else default

    @property
    def is_healthy(self) -> bool:
        """Whether everything that is said arrives."""
        return self.is_open and not (self.is_dead or self.down_is_held or self.up_is_held)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See asyncio.Transport."""
        if not self.is_open:
            return
        for frame in _frames(bytes(data)):
            if frame[0] == TEXT:
                self._watch.wrote(_payload(frame), is_full=self._is_full)
            self._down.append(frame)
        if not (self.down_is_held or self.is_dead):
            self._loop.call_soon(self.carry)
        elif len(self._down) >= FULL and not self._is_full:
            self._is_full = True
            self.socket.pause_writing()

    def say(self, frame: Frame) -> None:
        """The device says something."""
        payload = msgspec.json.encode(frame)
        assert len(payload) < 126, "longer lengths are not written here"
        self._up.append(bytes([TEXT, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # a mask of zeros changes nothing
        self._loop.call_soon(self.carry)

    def carry(self) -> None:
        """Whatever is not held up arrives."""
        while self._up and self.is_healthy_up:
            self.socket.data_received(self._up.popleft())
        while self._down and self.is_healthy_down:
            self._arrive(self._down.popleft())
        if self._is_full and not self._down and self.is_open:
            self._is_full = False
            self.socket.resume_writing()

    @property
    def is_healthy_up(self) -> bool:
        """Whether what the device says arrives."""
        return self.is_open and not (self.is_dead or self.up_is_held)

    @property
    def is_healthy_down(self) -> bool:
        """Whether what the hub says arrives."""
        return self.is_open and not (self.is_dead or self.down_is_held)

    def _arrive(self, frame: bytes) -> None:
        if frame[0] == CLOSE:
            self.cut()
        else:
            self._end.hear(_payload(frame))

    def let_go(self) -> None:
        """Nothing holds it up any more."""
        self.down_is_held = self.up_is_held = False
        self._loop.call_soon(self.carry)

    def cut(self) -> None:
        """Both ends notice, and what was on it is lost."""
        self._hub_loses()
        self._end.lost()

    def die(self) -> None:
        """The device gives it up; the hub hears nothing of that."""
        self.is_dead = True
        self._end.lost()

    def orphan(self) -> None:
        """The hub's process is gone."""
        self.is_open = False
        self._end.lost()

    def abort(self) -> None:
        """See asyncio.Transport."""
        self.close()

    def close(self) -> None:
        """See asyncio.Transport. Nothing that is still on it arrives: that is allowed to happen."""
        self._hub_loses()
        if not self.is_dead:
            self._loop.call_soon(self._end.lost)

    def is_closing(self) -> bool:
        """See asyncio.Transport."""
        return not self.is_open

    def _hub_loses(self) -> None:
        if self.is_open:
            self.is_open = False
            self._loop.call_soon(self.socket.connection_lost, None)


def _frames(data: bytes) -> Iterator[bytes]:
    """Several may leave in one write."""
    while data:
        head = _head(data)
        length = int.from_bytes(data[2:head]) if head > 2 else data[1]
        yield data[: head + length]
        data = data[head + length :]


def _head(frame: bytes) -> int:
    return {126: 4, 127: 10}.get(frame[1], 2)


def _payload(frame: bytes) -> Frame:
    decoded: Frame = msgspec.json.decode(frame[_head(frame) :])
    return decoded
