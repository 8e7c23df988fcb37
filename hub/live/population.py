"""How many live connections there are on this node, and who may open a socket to become one. No I/O."""

from collections import Counter, deque

from hub.limits import Allowance, LiveSettings


class Population:
    """Counts. An address counts once for each of its sockets that has not said a valid hello, and, when it left
    without, for as long again as it had: who tries again and again takes no more than who waits. A token that was good
    is good enough for that: a whole office wakes with expired ones."""

    def __init__(self, limits: LiveSettings, now: float) -> None:
        self._limits = limits
        self._unproven: Counter[str] = Counter()
        self._failed: deque[tuple[float, str]] = deque()  # until when each of them counts on
        self._handshakes = Allowance(now, per_s=limits.handshakes_per_s)
        self._size = 0

    def has_room(self) -> bool:
        """Whether there may be one more."""
        return self._size < self._limits.node_connections

    def admits(self, address: str | None, now: float) -> bool:
        """Whether a client at this address may open a socket at `now` (monotonic seconds). Asked once a handshake."""
        while self._failed and self._failed[0][0] <= now:
            self.proved(self._failed.popleft()[1])
        if address is not None and self._unproven[address] >= self._limits.unproven_per_address:
            return False
        return self.has_room() and self._handshakes.take(now, per_s=self._limits.handshakes_per_s)

    def came(self) -> None:
        """A client."""
        self._size += 1

    def left(self) -> None:
        """It is gone."""
        self._size -= 1

    def tries(self, address: str) -> None:
        """A client there has a socket, and has to prove who it is."""
        self._unproven[address] += 1

    def proved(self, address: str) -> None:
        """It did."""
        self._unproven[address] -= 1
        if not self._unproven[address]:
            del self._unproven[address]

    def failed(self, address: str, now: float) -> None:
        """It left without."""
        self._failed.append((now + self._limits.hello_deadline_s, address))
