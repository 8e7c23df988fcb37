"""The provider token (a JWT) with which all requests of one key authenticate. A rule: the clock and the signing are
given.

Apple wants it renewed no more often than every 20 minutes and no less often than every 60, and the same one on all
connections ("Establishing a token-based connection to APNs").
"""

from collections.abc import Callable
from datetime import datetime, timedelta

RENEW_AFTER = timedelta(minutes=40)
LEAST_AGE = timedelta(minutes=20)


class Bearer:
    """One key's token; `sign` makes a new one, as an Authorization header has it."""

    def __init__(self, sign: Callable[[], str]) -> None:
        self._sign = sign
        self._header = ""
        self._signed_at: datetime | None = None

    def header(self, now: datetime) -> str:
        """The value of the Authorization header; signed anew when it is due, or the clock was set back."""
        if self._signed_at is None or not timedelta(0) <= now - self._signed_at < RENEW_AFTER:
            self._renew(now)
        return self._header

    def refused(self, header: str, now: datetime) -> bool:
        """APNs called `header` expired; whether there is a newer one to try at once.

        There is none when it is younger than 20 minutes: then one of the clocks is wrong, and signing again does not
        mend it.
        """
        if header != self._header:  # signed anew since that request
            return True
        if self._signed_at is not None and now - self._signed_at < LEAST_AGE:
            return False
        self._renew(now)
        return True

    def _renew(self, now: datetime) -> None:
        self._header = self._sign()
        self._signed_at = now
