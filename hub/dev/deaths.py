"""What to do when a child has died. A rule: it has no clock and no process; it is asked."""

import signal
from collections import deque
from dataclasses import dataclass

PAUSE_S = 0.2  # lets a port and a socket queue go; short enough for a demo that kills things on purpose
TOO_MANY = 5  # children break in groups (no Postgres, no hub), so they are counted together
WITHIN_S = 60.0


@dataclass(frozen=True)
class StartAgain:
    after_s: float


@dataclass(frozen=True)
class GiveUp:
    reason: str


class Deaths:
    """The recent deaths of all children together."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, str]] = deque(maxlen=TOO_MANY)

    def add(self, name: str, how: str, *, now_s: float) -> StartAgain | GiveUp:
        """Child `name` died at `now_s`, of a clock that never goes back; `how` completes "hub …"."""
        self._recent.append((now_s, name))
        oldest_s, _ = self._recent[0]
        if len(self._recent) < TOO_MANY or now_s - oldest_s > WITHIN_S:
            return StartAgain(PAUSE_S)
        names = ", ".join(name for _, name in self._recent)
        return GiveUp(f"{TOO_MANY} deaths within {WITHIN_S:.0f} s ({names}); the last: {name} {how}")


def how_it_ended(exit_code: int) -> str:
    """The words for an exit code; negative, as Python has it, when a signal ended the process."""
    if exit_code < 0:
        return f"was killed by signal {-exit_code} ({signal.strsignal(-exit_code)})"
    return f"ended with exit code {exit_code}"
