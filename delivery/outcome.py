"""What a provider answered, as a value: six kinds, and no others.

A provider's `send` returns one of these and never raises for an answer. `code` is a short stable word for
metrics and logs; `detail` is the provider's own text, shortened, for the person who asks why.
"""

from datetime import datetime
from typing import Literal, assert_never

import msgspec

OutcomeName = Literal["accepted", "gone", "throttled", "rejected", "unavailable", "misconfigured"]


class Accepted(msgspec.Struct, frozen=True, tag_field="outcome", tag="accepted"):
    """The provider took the message. Not a delivery: only a client's ack is one."""

    provider_id: str
    """The provider's name for the message; empty when it gave none. May be a capability URL: not for logs."""


class Gone(msgspec.Struct, frozen=True, tag_field="outcome", tag="gone"):
    """The token is dead, on the provider's word."""

    code: str
    since: datetime | None = None
    """When the token died by the provider's clock; None when it did not say. A later token lives."""


class Throttled(msgspec.Struct, frozen=True, tag_field="outcome", tag="throttled"):
    """Too many, too fast. Nothing was accepted."""

    code: str
    retry_after_s: float | None = None


class Rejected(msgspec.Struct, frozen=True, tag_field="outcome", tag="rejected"):
    """This message is wrong for this target for ever; others to the same target may be right."""

    code: str
    detail: str


class Unavailable(msgspec.Struct, frozen=True, tag_field="outcome", tag="unavailable"):
    """The provider is down, slow or out of reach."""

    code: str
    retry_after_s: float | None = None
    ambiguous: bool = False
    """True when the request may have left: it may have been accepted, and a retry be a second copy."""


class Misconfigured(msgspec.Struct, frozen=True, tag_field="outcome", tag="misconfigured"):
    """Our key or credential is refused. Stops the channel, kills no token."""

    code: str
    detail: str


Outcome = Accepted | Gone | Throttled | Rejected | Unavailable | Misconfigured


def name_of(outcome: Outcome) -> OutcomeName:
    """The outcome's name in SQL, metrics and logs: the same word as its JSON tag, for ever."""
    match outcome:
        case Accepted():
            return "accepted"
        case Gone():
            return "gone"
        case Throttled():
            return "throttled"
        case Rejected():
            return "rejected"
        case Unavailable():
            return "unavailable"
        case Misconfigured():
            return "misconfigured"
        case _:
            assert_never(outcome)
