"""What apprise's word means. It says yes or no; why not, tell the answers that its plugin got on the wire. Pure."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from delivery.outcome import Accepted, Misconfigured, Outcome, Rejected, Throttled, Unavailable

Meaning = Literal["throttled", "rejected", "unavailable", "misconfigured"]

# As apprise's plugins end the line about an answer, and as urllib3 ends its own.
_SAID = re.compile(r"\berror=([1-5][0-9]{2})\b")
_LOST = re.compile(r"connection err", re.IGNORECASE)  # they say both "occurred" and "occured"
_HEARD = re.compile(r'" ([1-5][0-9]{2}) \S+\Z')

# The message may have been taken before something behind it went wrong; 503 is said at the door.
_MAYBE_TAKEN = frozenset({500, 502, 504})


class Said(msgspec.Struct, frozen=True):
    """Of one message."""

    sent: bool
    status: int | None = None
    """Of HTTP, the last that was not a 2xx, for some log out after all; a 2xx where apprise says that this was the
    refusal; None when nothing else is known than that it was not sent."""


def said(lines: Sequence[str], wire: Sequence[str], *, sent: bool) -> Said:
    """From what apprise returned, and what it and urllib3 logged meanwhile. Of a connection that was lost no status
    tells, whatever was answered before: a plugin may look for something that need not be there, or log in."""
    if any(_LOST.search(line) for line in lines):
        return Said(sent)
    refusals = [int(match[1]) for line in wire if (match := _HEARD.search(line)) and match[1][0] != "2"]
    named = refusals or [int(status) for line in lines for status in _SAID.findall(line)]
    return Said(sent, named[-1] if named else None)


def outcome_of(told: Said, *, addressed: bool) -> Outcome:
    """`addressed`: the service takes users' addresses, so that what it does not find is one of them; else the place
    is the operator's. No answer kills an address: services say too differently that one is dead."""
    if told.sent:
        return Accepted("")
    if told.status is None:
        return Unavailable("not_sent", ambiguous=True)
    code = f"http_{told.status}"
    match _meaning(told.status, addressed=addressed):
        case "throttled":
            return Throttled(code)
        case "misconfigured":
            return Misconfigured(code, "the service refuses the URL in HARK_CHAT_SERVICES")
        case "unavailable":
            return Unavailable(code, ambiguous=told.status in _MAYBE_TAKEN)
        case "rejected":
            return Rejected(code, "the service refused it")


def _meaning(status: int, *, addressed: bool) -> Meaning:
    match status:
        case 429:
            return "throttled"
        case 403 | 404 | 410 if not addressed:
            return "misconfigured"
        case 401 | 402 | 405 | 407:
            return "misconfigured"
        case _ if 300 <= status < 400:  # we follow nobody elsewhere
            return "misconfigured"
        case _:
            return "unavailable" if status == 408 or status >= 500 else "rejected"
