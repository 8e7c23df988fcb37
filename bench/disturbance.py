"""How much of the machine programs other than ours used meanwhile: a busy neighbour makes every figure worse."""

import os
import resource
import time
from pathlib import Path

TICKS_A_S = os.sysconf("SC_CLK_TCK")
BUSY = slice(1, 4)  # user, nice, system; the kernel's interrupt time is mostly that of our own packets


class Disturbance:
    """Watches from when it is made. Our child processes must have ended before it is asked."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._busy_s = _busy_s()
        self._ours_s = _ours_s()

    def share(self) -> float:
        """Of all cores, until now; 0 to 1."""
        wall_s = time.monotonic() - self._started
        return others_share(wall_s=wall_s, busy_s=_busy_s() - self._busy_s, ours_s=_ours_s() - self._ours_s)


def others_share(*, wall_s: float, busy_s: float, ours_s: float) -> float:
    """What of the cores' time was neither idle nor ours."""
    whole_s = wall_s * (os.cpu_count() or 1)
    return min(1.0, max(0.0, busy_s - ours_s) / whole_s)


def busy_s(stat: str) -> float:
    """From the text of /proc/stat: the seconds all cores together were busy for programs."""
    return sum(map(int, stat.splitlines()[0].split()[BUSY])) / TICKS_A_S


def _busy_s() -> float:
    return busy_s(Path("/proc/stat").read_text())


def _ours_s() -> float:
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime
