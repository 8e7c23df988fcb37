"""What an answer of Twilio means (Twilio, "Error and Warning Dictionary"). Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from delivery.answer import Answer, storable
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.retry_after import retry_after_s

Meaning = Literal["gone", "throttled", "rejected", "unavailable", "misconfigured"]

# What is said of sending a text. Who opted out can opt in again by a text of theirs, so that number is not gone.
MEANINGS: dict[int, Meaning] = {
    10001: "misconfigured",  # the account is not active
    14107: "throttled",  # too many texts a second
    20003: "misconfigured",  # wrong credentials
    20005: "misconfigured",  # the account is not active
    20006: "misconfigured",  # no access
    20008: "misconfigured",  # test credentials
    20403: "misconfigured",  # no access
    20404: "misconfigured",  # there is no such account
    20429: "throttled",  # too many requests
    20500: "unavailable",
    20503: "unavailable",
    21211: "gone",  # To is no number
    21212: "misconfigured",  # From is no number
    21214: "gone",  # To cannot be reached
    21217: "gone",  # To is no number
    21219: "rejected",  # To is not verified, as a trial account needs it
    21265: "gone",  # To is a short code
    21266: "rejected",  # To is From
    21267: "misconfigured",  # From is a name, which a trial account may not have
    21268: "gone",  # To is a premium number
    21408: "rejected",  # the account may not send to To's country
    21602: "rejected",  # there is no body
    21603: "misconfigured",  # there is no From
    21604: "rejected",  # there is no To
    21606: "misconfigured",  # From sends no texts
    21608: "rejected",  # To is not verified, as a trial account needs it
    21610: "rejected",  # To opted out
    21611: "throttled",  # From has ten hours of texts waiting
    21612: "rejected",  # From does not reach To
    21614: "gone",  # To is no mobile number
    21617: "rejected",  # the body is too long
    21619: "rejected",  # there is no body
    21635: "gone",  # To is a landline
    21659: "misconfigured",  # From is not of Twilio
    21660: "misconfigured",  # From is another account's
    21661: "misconfigured",  # From sends no texts
    21703: "misconfigured",  # the messaging service cannot send
    21704: "misconfigured",  # the messaging service has no numbers
    21705: "misconfigured",  # there is no such messaging service
    21730: "unavailable",  # maintenance
    30001: "throttled",  # too many texts are waiting
    30002: "misconfigured",  # the account is suspended
    30003: "rejected",  # the phone is off, or has no network
    30004: "rejected",  # blocked
    30005: "gone",  # nobody knows the number any more
    30006: "rejected",  # a landline, or a network that From does not reach
    30007: "rejected",  # filtered
    30008: "rejected",  # nobody knows why
    30022: "throttled",  # too many texts for what is registered
    30034: "misconfigured",  # From is not registered
    63038: "throttled",  # too many texts today
}

# The texts may have been taken before something behind them went wrong; 503 is said at the door.
_MAYBE_TAKEN = frozenset({500, 502, 504})


class _Body(msgspec.Struct, frozen=True):
    """Of an error, or of a text that was taken."""

    code: int | None = None
    message: str = ""
    sid: str = ""


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """The Outcome of an answer received at `now` (aware); its code is Twilio's number, or `http_<status>`."""
    told = answer.told(_Body)
    if 200 <= answer.status < 300:
        return Accepted(storable(told.sid))
    code = f"http_{answer.status}" if told.code is None else str(told.code)
    detail = storable(told.message) or answer.detail
    wait_s = retry_after_s(answer.headers.get("retry-after"), now)
    match MEANINGS.get(told.code or 0) or _of_status(answer.status):
        case "gone":
            return Gone(code)
        case "throttled":
            return Throttled(code, wait_s)
        case "misconfigured":
            return Misconfigured(code, detail)
        case "unavailable":
            return Unavailable(code, wait_s, ambiguous=answer.status in _MAYBE_TAKEN)
        case "rejected":
            return Rejected(code, detail)


def _of_status(status: int) -> Meaning:
    """For a code that means nothing to us, or an answer without one."""
    match status:
        case 401 | 403 | 404 | 405:
            return "misconfigured"
        case 429:
            return "throttled"
        case _ if status < 400:  # Twilio sends nobody elsewhere: this is not Twilio
            return "misconfigured"
        case _:
            return "unavailable" if status >= 500 else "rejected"
