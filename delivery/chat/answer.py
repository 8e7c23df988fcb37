"""What apprise's word means. It says yes or no, and writes a log: less than any other channel tells. Pure."""

import re
from collections.abc import Sequence

import msgspec

from delivery.outcome import Accepted, Outcome, Throttled, Unavailable

_STATUS = re.compile(r"\berror=(?P<status>[1-5][0-9]{2})\b")  # as nearly all services of apprise end their line


class Said(msgspec.Struct, frozen=True):
    """Of one message."""

    sent: bool
    status: int | None = None
    """Of HTTP, where apprise's log names one; of a service that takes several requests, the last."""


def said(lines: Sequence[str], *, sent: bool) -> Said:
    """From what apprise returned, and what it logged meanwhile."""
    named = [match["status"] for line in lines for match in _STATUS.finditer(line)]
    return Said(sent, int(named[-1]) if named else None)


def outcome_of(told: Said) -> Outcome:
    """Why something was not sent, apprise does not tell: nothing of it kills an address or stops a retry."""
    if told.sent:
        return Accepted("")
    match told.status:
        case None:
            return Unavailable("not_sent", ambiguous=True)
        case 429:
            return Throttled("http_429")
        case status:
            return Unavailable(f"http_{status}", ambiguous=status >= 500)
