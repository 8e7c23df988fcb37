"""Devices that leave out a duty of docs/protocol.md."""

from tests.model.device import Device
from tests.model.watch import Frame


class NoDeduplication(Device):
    def has(self, seq: int) -> bool:  # noqa: ARG002
        return False


class LostAcksStayLost(Device):
    def lost_ack(self) -> Frame | None:
        return None
