"""Faults that somebody asked for: what the next pushes to a device, or of a channel, meet in place of the usual."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from delivery.ladder import Channel
from delivery.simulator.http2 import Accident

MailStep = Literal["rcpt", "data", "end"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    device: str | None = None
    """Any token of the device."""
    channel: Channel | None = None
    """In its place: every device of that channel."""
    status: Annotated[int, msgspec.Meta(ge=300, le=599)] | None = None
    """The answer, with nothing accepted; without it and a reason the push is accepted, only answered otherwise."""
    reason: str | None = None
    """The provider's word in that answer; empty: an answer without a body."""
    since: datetime | None = None
    """Since when the token is dead, as APNs tells with a 410; now, when left out."""
    retry_after_s: Annotated[int, msgspec.Meta(ge=0)] | None = None
    times: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1
    """How many pushes it meets; 0 = all until the faults are removed."""
    every: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    """Only one push in so many meets it, the others pass."""
    hang_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    """Seconds before the answer, unless the sender hangs up earlier."""
    accident: Accident | None = None
    """What happens on the way in place of a whole answer."""
    at: MailStep | None = None
    """Which command of a mail meets it; left out: a refusal RCPT, all else the end of the mail."""

    def __post_init__(self) -> None:
        if (self.device is None) == (self.channel is None):
            raise ValueError("say one of device and channel")

    @property
    def refuses(self) -> bool:
        """Whether the push is not accepted; a server that goes away has not begun with it."""
        return self.status is not None or self.reason is not None or self.accident == "goaway"

    @property
    def mail_step(self) -> MailStep:
        if self.at is not None:
            return self.at
        return "end" if self.status is None and self.reason is None else "rcpt"


class Waiting(msgspec.Struct):
    """A fault that was not met yet, or not as often as was asked for."""

    id: int
    device_id: str | None
    """None: of its whole channel."""
    fault: Fault
    left: int | None
    """How many pushes it meets still; None: all until it is removed."""
    passed: int = 0
    """How many pushes came by since it was met last."""

    def is_met(self) -> bool:
        """A push comes by that it could meet."""
        self.passed += 1
        return self.passed >= self.fault.every


class Faults:
    """By device and by channel: a device's own come first, else those are met in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._count = 0
        self.version = 0
        """Another one after each change."""

    def add(self, device_id: str | None, fault: Fault) -> int:
        """The fault of a device, or of its channel; gives its id."""
        self.version += 1
        self._count += 1
        self._waiting.append(Waiting(self._count, device_id, fault, fault.times or None))
        return self._count

    def take(self, device_id: str, channel: Channel) -> Fault | None:
        """The fault that the push just arrived meets, if any."""
        if not self._waiting:
            return None
        of_device = [each for each in self._waiting if each.device_id == device_id]
        of_channel = [each for each in self._waiting if each.fault.channel == channel]
        met = [each for each in (*of_device, *of_channel) if each.is_met()]
        if not met:
            return None
        found = met[0]
        found.passed = 0
        self.version += 1
        if found.left is not None:
            found.left -= 1
            if not found.left:
                self._waiting.remove(found)
        return found.fault

    def waiting(self) -> list[Waiting]:
        """In the order they were asked for."""
        return self._waiting

    def remove(self, fault_id: int | None) -> None:
        """One of them, or all."""
        self.version += 1
        self._waiting = [each for each in self._waiting if fault_id is not None and each.id != fault_id]
