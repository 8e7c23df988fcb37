"""What follows a call of a webhook: told, again in a while, or no more. Pure: no clock, no random.

The times are those of Standard Webhooks: ten calls over some three days. They are a receiver's bad weekend, not a
provider's restart, hence other than for pushes (`delivery.retry`).
"""

from datetime import datetime
from http import HTTPStatus

import msgspec

from delivery.answer import Answer
from delivery.outbound.failed import Failed
from delivery.retry import spread

DELAYS_S = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
RETRY_AFTER_CAP_S = 24 * 3600.0  # more is likelier a broken clock


class Told(msgspec.Struct, frozen=True):
    """The receiver has it."""


class Again(msgspec.Struct, frozen=True):
    """Not yet; call again `delay_s` after this call."""

    delay_s: float


class GaveUp(msgspec.Struct, frozen=True):
    """Every call failed; there is none left."""


class NotWanted(msgspec.Struct, frozen=True):
    """The receiver is no more (410 Gone): nothing is to be told there any longer."""


Verdict = Told | Again | GaveUp | NotWanted


def after(result: Answer | Failed, failures: int, jitter: float, now: datetime) -> Verdict:
    """What follows, when `failures` calls had failed before this one; `jitter` is uniform in [0, 1), `now` aware.

    Only a 2xx is a success: a redirect is not followed, so it has told nobody. Retry-After can make a wait longer,
    never shorter: "0" would use up all calls within seconds.
    """
    asked_s = 0.0
    if isinstance(result, Answer):
        if HTTPStatus.OK <= result.status < HTTPStatus.MULTIPLE_CHOICES:
            return Told()
        if result.status == HTTPStatus.GONE:
            return NotWanted()
        asked_s = min(result.wait_s(now) or 0.0, RETRY_AFTER_CAP_S)
    if failures >= len(DELAYS_S):
        return GaveUp()
    return Again(spread(max(DELAYS_S[failures], asked_s), jitter))


def words(result: Answer | Failed) -> str:
    """What came back, for the person who asks: `500 Internal Server Error`, `timeout`. Never the body, which may be
    of a server that only we can see."""
    if isinstance(result, Failed):
        return result.why
    try:
        return f"{result.status} {HTTPStatus(result.status).phrase}"
    except ValueError:
        return str(result.status)
