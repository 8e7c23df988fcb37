"""What each device was sent, and what it shows. In memory only, and bounded."""

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime
from itertools import islice

import msgspec

from delivery.simulator.clearing import Told, is_over, told

# Enough to look back at a long test; the devices pushed to longest ago are forgotten first.
PER_DEVICE = 1_000
DEVICES = 10_000
# Both limits together would still be some 40 GB of 4 KiB messages; this is about half a gigabyte at worst.
IN_ALL = 100_000


class Delivery(msgspec.Struct, frozen=True):
    """One message that a device received."""

    channel: str
    payload: msgspec.Raw
    """Decrypted: itself when it is JSON, else as a JSON string."""
    headers: dict[str, str]
    """Lower case, without credentials."""
    at: datetime


class _Received:
    """One device's history and screen."""

    def __init__(self) -> None:
        self.history: deque[Delivery] = deque(maxlen=PER_DEVICE)
        self._shown: dict[str, Delivery] = {}
        self.count = 0
        self.badge: int | None = None

    def add(self, delivery: Delivery, topic: str | None, *, shown: bool) -> None:
        self.history.append(delivery)
        self.count += 1
        if not shown:
            return
        # A blank cannot stand in a topic, so that a message without one is never replaced.
        key = topic or f"no topic {self.count}"
        self._shown.pop(key, None)
        self._shown[key] = delivery
        if len(self._shown) > PER_DEVICE:
            del self._shown[next(iter(self._shown))]

    def clear(self, told: Told) -> None:
        for key, delivery in list(self._shown.items()):
            if is_over(told, key, delivery.channel, delivery.payload):
                del self._shown[key]

    def shown(self) -> list[Delivery]:
        return list(self._shown.values())

    def close(self, is_over: Callable[[Delivery], bool]) -> None:
        self._shown = {key: delivery for key, delivery in self._shown.items() if not is_over(delivery)}


class Deliveries:
    """Histories by device. For one event loop; no method waits."""

    def __init__(self, *, devices: int = DEVICES, in_all: int = IN_ALL) -> None:
        self._devices = devices
        self._in_all = in_all
        self._count = 0
        self._received: OrderedDict[str, _Received] = OrderedDict()
        self.version = 0
        """Another one after each change."""

    def record(
        self, device_id: str, delivery: Delivery, *, topic: str | None, shown: bool = True, badge: int | None = None
    ) -> None:
        """Add to the device's history; what is shown replaces the earlier one of the same topic on its screen. What
        tells the device to clear its screen is not shown itself. Without a `badge` the icon keeps the one it has."""
        self.version += 1
        received = self._received.setdefault(device_id, _Received())
        self._received.move_to_end(device_id)
        before = len(received.history)
        cleared = told(delivery.channel, delivery.payload)
        received.add(delivery, topic, shown=shown and cleared is None)
        if cleared is not None:
            received.clear(cleared)
        if badge is not None:
            received.badge = badge
        self._count += len(received.history) - before
        self._forget()

    def sent(self, device_id: str) -> list[Delivery]:
        """Everything the device was sent, oldest first, as far as it is remembered."""
        received = self._received.get(device_id)
        return list(received.history) if received else []

    def shown(self, device_id: str) -> list[Delivery]:
        """What stands on the device's screen, the newest last."""
        received = self._received.get(device_id)
        return received.shown() if received else []

    def close(self, device_id: str, is_over: Callable[[Delivery], bool]) -> None:
        """Take these off the device's screen; they stay in its history."""
        self.version += 1
        if device_id in self._received:
            self._received[device_id].close(is_over)

    def count(self, device_id: str) -> int:
        """How many the device was sent, those that are forgotten too."""
        received = self._received.get(device_id)
        return received.count if received else 0

    def badge(self, device_id: str) -> int | None:
        """The number on the app's icon, where the device was told one."""
        received = self._received.get(device_id)
        return received.badge if received else None

    def last(self, device_id: str) -> Delivery | None:
        """The last one that it was sent, and remembers."""
        received = self._received.get(device_id)
        return received.history[-1] if received else None

    def latest(self, limit: int) -> list[str]:
        """The devices that were sent something, the last one first."""
        return list(islice(reversed(self._received), limit))

    def _forget(self) -> None:
        while len(self._received) > 1 and (len(self._received) > self._devices or self._count > self._in_all):
            _, oldest = self._received.popitem(last=False)
            self._count -= len(oldest.history)
