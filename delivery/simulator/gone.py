"""Devices that are not there any more: somebody unsubscribed, or deleted the app. In memory only, and bounded."""

from collections import OrderedDict
from datetime import datetime

from delivery.simulator.deliveries import DEVICES


class Gone:
    """Since when, by device; the first to leave are forgotten first."""

    def __init__(self, *, devices: int = DEVICES) -> None:
        self._devices = devices
        self._since: OrderedDict[str, datetime] = OrderedDict()
        self.version = 0
        """Another one after each change."""

    def leave(self, device_id: str, now: datetime) -> None:
        self.version += 1
        self._since.setdefault(device_id, now)
        if len(self._since) > self._devices:
            self._since.popitem(last=False)

    def come_back(self, device_id: str) -> None:
        self.version += 1
        self._since.pop(device_id, None)

    def since(self, device_id: str) -> datetime | None:
        """When the device left; None while it is there."""
        return self._since.get(device_id)
