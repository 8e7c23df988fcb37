"""One message to many wires: in one system call where the kernel allows it, else one by one."""

from collections.abc import Sequence

from hub.live.connection import Wire
from hub.live.framing import Encoded
from hub.live.ring import Ring

FEWEST = 8  # below, preparing the call costs more than it saves


class Broadcast:
    """Writes to up to `most` wires at a time, a power of two."""

    def __init__(self, most: int) -> None:
        self._ring = Ring.open(most)

    def write(self, wires: Sequence[Wire], text: Encoded) -> None:
        """The message to each of them."""
        ring = self._ring
        if ring is None or len(wires) < FEWEST or not ring.works:
            for wire in wires:
                wire.write(text)
            return
        sockets = [wire.direct for wire in wires]
        if -1 in sockets:
            for wire in wires:
                if wire.direct == -1:
                    wire.write(text)
            wires = [wire for wire, socket in zip(wires, sockets, strict=True) if socket != -1]
            sockets = [socket for socket in sockets if socket != -1]
        taken = ring.send(sockets, text.frame)
        if taken.count(len(text.frame)) < len(wires):
            for wire, bytes_taken in zip(wires, taken, strict=True):
                wire.finish(text, max(0, bytes_taken))
