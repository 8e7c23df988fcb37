"""The escalation ladder of one notification: which step comes after what happened at this one. Pure.

Today every notification has the default ladder: in the app, and when no device acknowledged it in time, a push to
every device of the user.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, TypeAlias

import msgspec

from delivery.retry import Retry, Stop

IN_APP_STEP = 0
PUSH_STEP = 1

CHANNEL_OF_PLATFORM = {"web": "webpush", "ios": "apns", "android": "fcm"}


class TryAgain(msgspec.Struct, frozen=True):
    """Some target is still to be tried: the same step, later."""

    delay: timedelta
    reached: bool  # a provider accepted it for another target


class Finished(msgspec.Struct, frozen=True):
    """The ladder ended. `failure` says why nobody was reached, or is None when somebody was."""

    failure: str | None


Move: TypeAlias = TryAgain | Finished


def after_push(results: Sequence[Retry | Stop]) -> Move:
    """What follows when every target of the push step has answered; `results` holds the latest of each target."""
    reached = any(isinstance(result, Stop) and result.state == "accepted" for result in results)
    delays = [result.delay_s for result in results if isinstance(result, Retry)]
    if delays:
        return TryAgain(timedelta(seconds=min(delays)), reached)
    if reached:
        return Finished(None)
    states = [result.state for result in results if isinstance(result, Stop)]
    return Finished(states[0] if states else "no_target")


Reason: TypeAlias = Literal["expired", "no_target", "no_channel"]
