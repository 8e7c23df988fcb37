"""By what name somebody asked for a device: a token tells it no more. In memory only, and bounded."""

from collections import OrderedDict

from delivery.simulator.deliveries import DEVICES


class Names:
    """The first to be given are forgotten first."""

    def __init__(self, *, devices: int = DEVICES) -> None:
        self._devices = devices
        self._names: OrderedDict[str, str] = OrderedDict()

    def give(self, device_id: str, name: str) -> None:
        self._names[device_id] = name
        if len(self._names) > self._devices:
            self._names.popitem(last=False)

    def of(self, device_id: str) -> str | None:
        return self._names.get(device_id)
