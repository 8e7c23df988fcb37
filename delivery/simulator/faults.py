"""Faults that somebody asked for: what a device's next pushes meet in place of the usual answer."""

from collections import defaultdict, deque
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from delivery.simulator.http2 import Accident

MailStep = Literal["rcpt", "data", "end"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    device: str
    """Any token of the device."""
    status: Annotated[int, msgspec.Meta(ge=300, le=599)] | None = None
    """The answer, with nothing accepted; without it and a reason the push is accepted, only answered otherwise."""
    reason: str | None = None
    """The provider's word in that answer; empty: an answer without a body."""
    since: datetime | None = None
    """Since when the token is dead, as APNs tells with a 410; now, when left out."""
    retry_after_s: Annotated[int, msgspec.Meta(ge=0)] | None = None
    times: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1
    """How many pushes it meets; 0 = all until the faults are removed."""
    hang_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    """Seconds before the answer, unless the sender hangs up earlier."""
    accident: Accident | None = None
    """What happens on the way in place of a whole answer; for APNs and mailboxes only."""
    at: MailStep | None = None
    """Which command of a mail meets it; left out: a refusal RCPT, all else the end of the mail."""

    @property
    def refuses(self) -> bool:
        """Whether the push is not accepted; a server that goes away has not begun with it."""
        return self.status is not None or self.reason is not None or self.accident == "goaway"

    @property
    def mail_step(self) -> MailStep:
        if self.at is not None:
            return self.at
        return "end" if self.status is None and self.reason is None else "rcpt"


class Faults:
    """Faults by device; several for one device are met in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, device_id: str, fault: Fault) -> None:
        # One entry for every push that is to meet it; an endless one stays where it is.
        self._waiting[device_id].extend([fault] * max(fault.times, 1))

    def take(self, device_id: str) -> Fault | None:
        """The fault that the push just arrived meets, if any."""
        waiting = self._waiting.get(device_id)
        if not waiting:
            return None
        return waiting[0] if waiting[0].times == 0 else waiting.popleft()

    def clear(self) -> None:
        self._waiting.clear()
