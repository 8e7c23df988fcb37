"""What each device was sent, and what it shows. In memory only, and bounded."""

from collections import OrderedDict, deque
from datetime import datetime

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
        self._count = 0

    def add(self, delivery: Delivery, topic: str | None, *, shown: bool) -> None:
        self.history.append(delivery)
        self._count += 1
        if not shown:
            return
        # A blank cannot stand in a topic, so that a message without one is never replaced.
        key = topic or f"no topic {self._count}"
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


class Deliveries:
    """Histories by device. For one event loop; no method waits."""

    def __init__(self, *, devices: int = DEVICES, in_all: int = IN_ALL) -> None:
        self._devices = devices
        self._in_all = in_all
        self._count = 0
        self._received: OrderedDict[str, _Received] = OrderedDict()

    def record(self, device_id: str, delivery: Delivery, *, topic: str | None, shown: bool = True) -> None:
        """Add to the device's history; what is shown replaces the earlier one of the same topic on its screen. What
        tells the device to clear its screen is not shown itself."""
        received = self._received.setdefault(device_id, _Received())
        self._received.move_to_end(device_id)
        before = len(received.history)
        cleared = told(delivery.channel, delivery.payload)
        received.add(delivery, topic, shown=shown and cleared is None)
        if cleared is not None:
            received.clear(cleared)
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

    def _forget(self) -> None:
        while len(self._received) > 1 and (len(self._received) > self._devices or self._count > self._in_all):
            _, oldest = self._received.popitem(last=False)
            self._count -= len(oldest.history)
