"""The Retry-After header (RFC 9110 section 10.2.3), seconds or a date: one reading for every provider."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Nine digits are 31 years: enough for every honest answer, and far from what int() refuses to read.
_SECONDS = re.compile(r"[0-9]{1,9}")


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds from `now` (aware), never negative; None for an absent header or nonsense. Never raises."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        # For the zone "-0000" (RFC 5322: unknown) the parser gives a naive time; HTTP dates are always UTC.
        at = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max((at - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None
