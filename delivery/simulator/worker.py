"""What the service worker of a simulated browser does beside showing a push: the rule of Hark's own. Pure."""

from collections.abc import Callable

import msgspec

from delivery.simulator.deliveries import Delivery


class _Push(msgspec.Struct, frozen=True):
    seq: int
    unread: int = 0


def is_over_after(arrived: Delivery) -> Callable[[Delivery], bool]:
    """Which of those on the screen go when this one arrives. Where it is all that is unread, the others were read
    elsewhere. Another sender's pushes take nothing away."""
    push = _read(arrived)
    if push is None or push.unread > 1:
        return lambda _: False

    def is_over(shown: Delivery) -> bool:
        earlier = _read(shown)
        return earlier is not None and earlier.seq < push.seq

    return is_over


def _read(delivery: Delivery) -> _Push | None:
    try:
        return msgspec.json.decode(delivery.payload, type=_Push)
    except msgspec.DecodeError:
        return None
