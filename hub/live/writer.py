"""Messages to many wires: in one system call where the kernel allows it, else one by one."""

from collections.abc import Mapping, Sequence
from itertools import islice

from hub.live.connection import Wire
from hub.live.framing import Encoded
from hub.live.ring import Ring

MOST = 256  # wires in one call, a power of two: some 5 µs each, so that the loop has its turn every 1.3 ms
FEWEST = 8  # below, preparing the call costs more than it saves


class Writer:
    """Writes now; nothing waits here."""

    def __init__(self, most: int = MOST) -> None:
        self._ring = Ring.open(most)
        self._most = most

    def to_all(self, wires: Sequence[Wire], text: Encoded) -> None:
        """The same message to each of up to `most` wires."""
        self._write([(wire, text) for wire in wires], same=text.frame)

    def to_each(self, texts: Mapping[Wire, Encoded]) -> None:
        """To each wire its own message."""
        rest = iter(texts.items())
        while some := list(islice(rest, self._most)):
            self._write(some)

    def _write(self, texts: Sequence[tuple[Wire, Encoded]], *, same: bytes | None = None) -> None:
        if self._ring is None or len(texts) < FEWEST or not self._ring.works:
            for wire, text in texts:
                wire.write(text)
            return
        sockets = [wire.direct for wire, _ in texts]
        if -1 in sockets:
            for wire, text in texts:
                if wire.direct == -1:
                    wire.write(text)
            texts = [(wire, text) for wire, text in texts if wire.direct != -1]
            sockets = [socket for socket in sockets if socket != -1]
        taken = self._ring.send([text.frame for _, text in texts] if same is None else same, sockets)
        for (wire, text), length in zip(texts, taken, strict=True) if taken else ():
            wire.finish(text, max(0, length))
