"""What must hold in the world: always, or once faults have ended and time has passed."""

from collections import Counter
from collections.abc import Sequence

from tests.model.device import Device
from tests.model.ledger import Broken, Ledger
from tests.model.postgres import Postgres
from tests.model.tables import EntryRow


class Checks:
    """Each raises Broken."""

    def __init__(self, ledger: Ledger, postgres: Postgres, devices: Sequence[Device]) -> None:
        self._ledger = ledger
        self._postgres = postgres
        self._devices = devices

    def confirmed_acks_are_stored(self) -> None:
        """Always: `ack_ok` is no promise."""
        for device in self._devices:
            for entry in self._forgotten(device):
                if entry.seq <= device.confirmed:
                    raise Broken(f"receipt: Hark has confirmed {device.user}'s {entry.seq}, and does not know")

    def tabs_are_at_the_head(self) -> None:
        """Whatever the bus lost is found: every line that works has brought everything."""
        for device in self._devices:
            for tab in device.tabs:
                head = self._postgres.tables.heads.get(device.user, 0)
                if tab.line.is_healthy and tab.at != head:
                    raise Broken(f"reached: {device.user}'s connection is at {tab.at}, the head is {head}")

    def what_nobody_acknowledged_is_pushed(self) -> None:
        """When the ack deadline is over, and the lease of a worker that died."""
        for entry in self.unreached():
            raise Broken(f"pushed: nobody acknowledged {entry.user}'s {entry.seq}, and it is not pushed")

    def unreached(self) -> list[EntryRow]:
        """Entries that no device acknowledged and no provider was called for."""
        entries = self._postgres.tables.entries.values()
        return [e for e in entries if not (e.is_acked or e.is_expired or self._ledger.attempts[e.id])]

    def devices_have_what_is_stored(self) -> None:
        """When all of them are back: the same entries, and Hark knows that they have them."""
        for device in self._devices:
            for seq, id_ in device.applied:
                is_there = (device.user, seq) in self._postgres.tables.entries  # else nobody can tell what it was
                if is_there and self._ledger.history[device.user, seq] != id_:
                    raise Broken(f"history: {device.user}'s device has another {seq} than the inbox")
            for entry in self._forgotten(device):
                raise Broken(f"receipt: {device.user}'s {entry.seq} is acknowledged, and Hark has forgotten")

    def what_was_accepted_is_stored(self) -> None:
        """Once. A backup may well not have it."""
        stored = Counter((user, id_) for (user, _), id_ in self._ledger.history.items())
        present = len(self._ledger.histories)
        for user, id_, history in self._ledger.accepted:
            if history == present and stored[user, id_] != 1:
                raise Broken(f"stored: {user}'s {id_.int} was accepted, and is there {stored[user, id_]} times")

    def _forgotten(self, device: Device) -> list[EntryRow]:
        """What the device has and Hark does not know that. A backup may well not know it."""
        histories = self._ledger.histories
        restored = set(histories[-2].values()) if len(histories) > 1 else set()
        entries = self._postgres.tables.entries
        applied = [(entries.get((device.user, seq)), id_) for seq, id_ in device.applied if id_ not in restored]
        return [e for e, id_ in applied if e and e.id == id_ and not (e.is_acked or e.is_expired)]
