"""The ledger: what was stored, applied, acknowledged and pushed, and everything that must never be, the first time that
it is. Those who write it do not raise: they are called from inside the hub, which would take it for its own failure."""

from collections import Counter
from typing import Protocol
from uuid import UUID


class EntryLike(Protocol):
    """What the ledger wants to know of a row."""

    user: str
    seq: int
    id: UUID
    is_acked: bool
    is_expired: bool


class Broken(AssertionError):
    """An invariant does not hold; the message begins with the name of the check."""


class Ledger:
    """Facts of one run."""

    def __init__(self) -> None:
        self.histories: list[dict[tuple[str, int], UUID]] = [{}]  # a restored backup begins another one
        self.accepted: list[tuple[str, UUID, int]] = []  # answered with a 2xx, and in which history
        self.attempts: Counter[UUID] = Counter()
        self._applied: set[tuple[str, UUID]] = set()
        self._broken: list[str] = []

    def check(self) -> None:
        """Raises Broken."""
        if self._broken:
            raise Broken(self._broken[0])

    def broken(self, what: str) -> None:
        """An invariant does not hold."""
        self._broken.append(what)

    @property
    def history(self) -> dict[tuple[str, int], UUID]:
        """The present one."""
        return self.histories[-1]

    def stored(self, user: str, seq: int, id_: UUID) -> None:
        """A commit."""
        if seq > 1 and (user, seq - 1) not in self.history:
            self.broken(f"order: {user}'s {seq} is committed, {seq - 1} is not")
        if (user, seq) in self.history:
            self.broken(f"order: {user}'s {seq} is committed twice")
        self.history[user, seq] = id_

    def answered(self, user: str, id_: UUID) -> None:
        """A 2xx."""
        self.accepted.append((user, id_, len(self.histories)))

    def applied(self, user: str, seq: int, id_: UUID, *, sent_to: str) -> None:
        """By a device of this user."""
        if user not in sent_to.split("+"):
            self.broken(f"addressed: {user} was shown what was sent to {sent_to}")
        if all(history.get((user, seq)) != id_ for history in self.histories):
            self.broken(f"history: {user}'s {seq} as a device applied it was never committed")
        self._applied.add((user, id_))

    def acked(self, entry: EntryLike) -> None:
        """It counts as delivered."""
        if not entry.is_expired and (entry.user, entry.id) not in self._applied:
            self.broken(f"receipt: {entry.user}'s {entry.seq} is delivered, and no device has it")

    def claimed(self, entry: EntryLike) -> None:
        """A worker took it."""
        if entry.is_acked:
            self.broken(f"stopped: {entry.user}'s {entry.seq} was acknowledged, and is claimed")

    def attempted(self, entry: EntryLike) -> None:
        """A worker is about to call a provider."""
        if entry.is_acked:
            self.broken(f"stopped: {entry.user}'s {entry.seq} was acknowledged, and is pushed")
        self.attempts[entry.id] += 1

    def pushed(self, user: str, *, sent_to: str, address: str) -> None:
        """A provider was called."""
        if user not in sent_to.split("+") or not address.startswith(user):
            self.broken(f"addressed: what was sent to {sent_to} is pushed to {address}")
