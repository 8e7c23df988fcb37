"""Stands between the worker and one provider credential: after failures that are the provider's or the credential's, it
lets nobody through for a while, then one, to see. No clock of its own: the caller says what time it is.

A second guard beside it keeps a provider that suddenly calls many tokens dead from emptying the table of sessions.
"""

from collections import deque

from delivery.outcome import Misconfigured, Outcome, Unavailable
from delivery.retry import RETRY_AFTER_CAP_S

FAILURES = 10  # in a row, without one answer between: a provider that is down, not a bad moment
REFUSALS = 3  # of our credential in a row: one may be the fault of a single registration
TOGETHER_S = 0.1  # calls that are lost within it were on the same connection, which broke once
FIRST_S = 1.0
LONGEST_S = 60.0  # how late a provider that is back, or a mended key, is noticed
PROBE_S = 1.0  # how long the others wait for what the one that was let through hears

JUDGED = 200  # answers
GONE_SHARE = 0.5  # of them: apps lose a few in a hundred tokens a day


class Breaker:
    """Times are seconds of one steady clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._refusals = 0
        self._openings = 0  # since the last answer of a provider that works
        self._open_until = 0.0
        self._lost_at = -TOGETHER_S  # the first of those lost together
        self._probing = False
        self.reason: str | None = None
        """Why nobody is let through: the outcome's code. None while it is closed."""

    def admit(self, now: float) -> float:
        """0: call the provider, then `record` or `release`. Else how many seconds to leave it alone."""
        if self.reason is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        if self._probing:
            return PROBE_S
        self._probing = True
        return 0.0

    def release(self) -> None:
        """Who was let through did not call."""
        self._probing = False

    def record(self, outcome: Outcome, now: float) -> None:
        """What a call came to. Anything the provider says of one message or token shows that it works."""
        self._probing = False
        match outcome:
            case Misconfigured(code=code):
                self._refusals += 1
                if self._refusals >= REFUSALS:
                    self._open(code, now, LONGEST_S)
                elif now >= self._open_until:  # it is not down, whatever it says
                    self._close()
            case Unavailable():
                self._fail(outcome, now)
            case _:
                self._refusals = 0
                self._close()

    def _fail(self, outcome: Unavailable, now: float) -> None:
        if outcome.retry_after_s is not None:
            self._open(outcome.code, now, min(outcome.retry_after_s, RETRY_AFTER_CAP_S))
            return
        told = self.reason is not None and now < self._open_until  # of a call made before: the same breakdown
        if told or self._lost_with_others(outcome, now):
            return
        self._failures += 1
        if self._failures >= FAILURES or self.reason is not None:
            self._openings += 1
            self._open(outcome.code, now, min(LONGEST_S, FIRST_S * 2 ** (self._openings - 1)))

    def _lost_with_others(self, outcome: Unavailable, now: float) -> bool:
        if outcome.code != "connection_lost":
            return False
        if now < self._lost_at + TOGETHER_S:
            return True
        self._lost_at = now
        return False

    def _close(self) -> None:
        self._failures = self._openings = 0
        self._open_until = 0.0
        self.reason = None

    def _open(self, reason: str, now: float, for_s: float) -> None:
        self.reason = reason
        self._open_until = max(self._open_until, now + for_s)


class MassGone:
    """Whether a provider's word is still taken for a token's death: not once half of its last answers said so."""

    def __init__(self) -> None:
        self._gone: deque[bool] = deque(maxlen=JUDGED)
        self._count = 0

    def record(self, *, gone: bool) -> None:
        """An answer about one token."""
        if len(self._gone) == JUDGED:
            self._count -= self._gone[0]
        self._gone.append(gone)
        self._count += gone

    @property
    def tripped(self) -> bool:
        """Too many died at once: keep their sessions."""
        return self._count > JUDGED * GONE_SHARE
