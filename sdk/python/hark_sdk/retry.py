"""When a call that failed is said again. Pure: no clock, no dice."""

import msgspec

from hark_sdk.errors import Busy, HarkError, NoAnswer, Refused

PASSING = frozenset({429, 502, 503, 504})  # nothing was done, or a proxy cannot tell
REFUSED_UNDONE = frozenset({429, 503})


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """How patient a client is: pauses of random(0, min(`longest_s`, `first_s` · 2ⁿ)) seconds (full jitter), on top of
    what the hub asks for with Retry-After. `tries=1`: none at all."""

    tries: int = 5
    first_s: float = 0.5
    longest_s: float = 30.0  # who is asked to wait for longer raises at once

    def pause_s(self, error: HarkError, *, tried: int, repeatable: bool, dice: float) -> float | None:
        """Seconds until the next try after `tried` of them, None when there is none; `dice` is from [0, 1)."""
        if tried >= self.tries or not _passes(error, repeatable=repeatable):
            return None
        asked_s = error.retry_after_s or 0.0 if isinstance(error, Refused) else 0.0
        if asked_s > self.longest_s:
            return None
        return asked_s + dice * min(self.longest_s, self.first_s * 2.0 ** (tried - 1))


def _passes(error: HarkError, *, repeatable: bool) -> bool:
    match error:
        case NoAnswer():
            return repeatable or error.unsent
        case Busy():  # our own first try is still running
            return error.retry_after_s is not None
        case Refused():
            return error.status in (PASSING if repeatable else REFUSED_UNDONE)
        case _:
            return False
