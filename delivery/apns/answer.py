"""What an answer of APNs means (Apple, "Handling notification responses from APNs"). Pure."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal

import msgspec

from delivery.answer import Answer, storable
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

Meaning = Literal["gone", "doubtful", "throttled", "rejected", "unavailable", "misconfigured"]

EXPIRED = "ExpiredProviderToken"

# Every reason in Apple's table of response error strings.
MEANINGS: dict[str, Meaning] = {
    "BadCollapseId": "rejected",
    "BadDeviceToken": "doubtful",
    "BadExpirationDate": "rejected",
    "BadMessageId": "rejected",
    "BadPriority": "rejected",
    "BadTopic": "misconfigured",
    "DeviceTokenNotForTopic": "doubtful",
    "DuplicateHeaders": "rejected",
    "IdleTimeout": "unavailable",
    "InvalidPushType": "rejected",
    "MissingDeviceToken": "rejected",
    "MissingTopic": "misconfigured",
    "PayloadEmpty": "rejected",
    "TopicDisallowed": "misconfigured",
    "BadCertificate": "misconfigured",
    "BadCertificateEnvironment": "misconfigured",
    "BadEnvironmentKeyIdInToken": "misconfigured",
    EXPIRED: "unavailable",
    "Forbidden": "misconfigured",
    "InvalidProviderToken": "misconfigured",
    "MissingProviderToken": "misconfigured",
    "UnrelatedKeyIdInToken": "misconfigured",
    "BadPath": "rejected",
    "MethodNotAllowed": "rejected",
    "ExpiredToken": "gone",
    "Unregistered": "gone",
    "PayloadTooLarge": "rejected",
    "TooManyProviderTokenUpdates": "throttled",
    "TooManyRequests": "throttled",
    "InternalServerError": "unavailable",
    "ServiceUnavailable": "unavailable",
    "Shutdown": "unavailable",
}

_REASON_LENGTH = 64


class _Body(msgspec.Struct, frozen=True):
    reason: str = ""
    timestamp: float | None = None
    """Milliseconds since 1970: when APNs last knew the token to be dead."""


def outcome_of(answer: Answer, now: datetime, *, proven: bool) -> Outcome:
    """The Outcome of an answer received at `now` (aware); its code is Apple's reason, or `http_<status>`.

    `proven` is whether a push with these credentials was ever accepted. Two reasons are said of dead tokens, and as
    well of all tokens when we are in the wrong environment or name the wrong app: without that proof it is ours.
    """
    if 200 <= answer.status < 300:
        return Accepted(storable(answer.headers.get("apns-id", "")))
    return _refusal(answer, now, proven=proven)


def _refusal(answer: Answer, now: datetime, *, proven: bool) -> Outcome:
    told = answer.told(_Body)
    code = storable(told.reason, _REASON_LENGTH) or f"http_{answer.status}"
    match MEANINGS.get(told.reason) or _of_status(answer.status):
        case "gone":
            return Gone(code, _since(told.timestamp))
        case "doubtful":
            return Gone(code) if proven else Misconfigured(code, "the token, the topic and the environment do not fit")
        case "throttled":
            return Throttled(code, answer.wait_s(now))
        case "misconfigured":
            return Misconfigured(code, answer.detail)
        case "unavailable":
            at_once = 0.0 if code == EXPIRED else None
            return Unavailable(code, answer.wait_s(now) or at_once, ambiguous=answer.passed_on)
        case "rejected":
            return Rejected(code, answer.detail)


def _of_status(status: int) -> Meaning:
    """For a reason that Apple has not told us yet, or an answer without one."""
    match status:
        case HTTPStatus.FORBIDDEN:
            return "misconfigured"
        case HTTPStatus.GONE:
            return "gone"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "throttled"
        case _:
            return "unavailable" if status >= 500 else "rejected"


def _since(timestamp: float | None) -> datetime | None:
    if timestamp is None or timestamp <= 0:
        return None
    try:
        return datetime.fromtimestamp(timestamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
