"""How many sockets there are: on this node, and without a proven user by IP address. No I/O."""

from collections import Counter
from typing import Protocol

from hub.limits import LiveSettings


class Newcomer(Protocol):
    """A socket that may not have said hello yet."""

    address: str


class Population:
    """Counts, and says who may still come."""

    def __init__(self, limits: LiveSettings) -> None:
        self._limits = limits
        self._unproven: Counter[str] = Counter()
        self.sockets = 0

    def has_room(self, address: str) -> bool:
        """Whether a socket from this address may open now."""
        return (
            self.sockets < self._limits.node_connections and self._unproven[address] < self._limits.unproven_per_address
        )

    def came(self, newcomer: Newcomer) -> None:
        """It opened, and has to prove who it is."""
        self.sockets += 1
        self._unproven[newcomer.address] += 1

    def proved(self, newcomer: Newcomer) -> None:
        """It said a valid hello."""
        self._unproven[newcomer.address] -= 1
        if not self._unproven[newcomer.address]:
            del self._unproven[newcomer.address]

    def left(self, newcomer: Newcomer, *, proven: bool) -> None:
        """It is gone."""
        self.sockets -= 1
        if not proven:
            self.proved(newcomer)
