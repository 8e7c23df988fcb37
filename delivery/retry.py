"""The one decision after an attempt: again, and when, or stop, and as what. Pure: no clock, no random.

Does not know expiry: whoever schedules the retry compares it with the notification's end.
"""

from typing import Literal, assert_never

import msgspec

from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

StopState = Literal["accepted", "gone", "rejected", "exhausted"]

# A provider that is down for ever must not hold a row for ever: the exhausted are listed, for a replay.
MAX_ATTEMPTS = 8

BASE_S = 1.0
# Eight attempts that only doubled would be over in about a minute, less than a provider's restart. With four
# the bounds are 1 s, 4 s, 16 s, 64 s, 256 s, 10 min, 10 min: some 13 minutes on average, 26 at most.
FACTOR = 4
CAP_S = 600.0

# Asking a provider sooner than it said makes it throttle longer, so its word counts, up to an hour. More
# is likelier a broken clock or a date in the wrong year, and would park the message until it expires.
RETRY_AFTER_CAP_S = 3600.0

# Up to a tenth later than told: everyone told "30 s" in one burst would otherwise be back in the same second.
RETRY_AFTER_SPREAD = 0.1

# An operator mends a key in minutes to hours, and the first attempt after that should not be far away.
MISCONFIGURED_S = 600.0


class Retry(msgspec.Struct, frozen=True):
    """Try the same target again, `delay_s` seconds after the attempt just made."""

    delay_s: float


class Stop(msgspec.Struct, frozen=True):
    """No further attempt at this target."""

    state: StopState


def after(outcome: Outcome, attempt: int, jitter: float) -> Retry | Stop:
    """What follows the `attempt`-th try (1 is the first); `jitter` is uniform in [0, 1), drawn by the caller.

    An ambiguous outcome is retried like any other: a second copy is folded by its id, a lost one never found.
    Misconfigured goes on for ever, slowly, whatever `attempt` says: no message is lost to our own wrong key.
    """
    match outcome:
        case Accepted():
            return Stop("accepted")
        case Gone():
            return Stop("gone")
        case Rejected():
            return Stop("rejected")
        case Misconfigured():
            return Retry(spread(MISCONFIGURED_S, jitter))
        case Throttled(retry_after_s=asked_s) | Unavailable(retry_after_s=asked_s):
            return Stop("exhausted") if attempt >= MAX_ATTEMPTS else Retry(_delay_s(asked_s, attempt, jitter))
        case _:
            assert_never(outcome)


def _delay_s(asked_s: float | None, attempt: int, jitter: float) -> float:
    if asked_s is not None:
        # At least the base: "Retry-After: 0" would burn all attempts within one second.
        return spread(min(max(asked_s, BASE_S), RETRY_AFTER_CAP_S), jitter)
    bound: float = min(CAP_S, BASE_S * FACTOR ** (attempt - 1))
    return jitter * bound


def spread(seconds: float, jitter: float) -> float:
    """Up to a tenth later, by `jitter` in [0, 1): many that wait for the same moment do not come in it."""
    return seconds * (1 + RETRY_AFTER_SPREAD * jitter)
