"""What an answer of FCM means (Firebase, "FCM Error Codes" and "ErrorCode"). Pure."""

from datetime import datetime
from http import HTTPStatus
from typing import Literal

import msgspec

from delivery.answer import Answer, storable
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

Meaning = Literal["gone", "doubtful", "throttled", "rejected", "unavailable", "misconfigured"]

UNAUTHENTICATED = "UNAUTHENTICATED"
_INVALID = "INVALID_ARGUMENT"

# FCM's own codes, which come in an answer's details, and the one general status that says more than its number.
MEANINGS: dict[str, Meaning] = {
    "UNSPECIFIED_ERROR": "unavailable",
    _INVALID: "rejected",
    "UNREGISTERED": "gone",
    "SENDER_ID_MISMATCH": "doubtful",
    "QUOTA_EXCEEDED": "throttled",
    "UNAVAILABLE": "unavailable",
    "INTERNAL": "unavailable",
    "THIRD_PARTY_AUTH_ERROR": "misconfigured",
    UNAUTHENTICATED: "unavailable",
}

THROTTLED_S = 60.0  # what Firebase asks for where there is no Retry-After

_CODE_LENGTH = 64
_NAME_LENGTH = 1024


class _Violation(msgspec.Struct, frozen=True):
    field: str = ""


class _Detail(msgspec.Struct, frozen=True, rename="camel"):
    error_code: str = ""
    field_violations: list[_Violation] = []


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    status: str = ""
    details: list[_Detail] = []

    @property
    def code(self) -> str:
        """FCM's own code where there is one, else Google's general status."""
        return next((detail.error_code for detail in self.details if detail.error_code), self.status)

    @property
    def of_token(self) -> bool:
        """Whether an invalid argument is the token. A payload that is wrong has the same code."""
        named = any(found.field == "message.token" for detail in self.details for found in detail.field_violations)
        says_so = any(detail.error_code == _INVALID for detail in self.details)
        return named or (says_so and "registration token" in self.message.lower())


class _Body(msgspec.Struct, frozen=True):
    name: str = ""
    error: _Error = _Error()


def outcome_of(answer: Answer, now: datetime, *, proven: bool) -> Outcome:
    """The Outcome of an answer received at `now` (aware); its code is Google's, or `http_<status>`.

    `proven` is whether a push with these credentials was ever accepted: until then a token of another project is
    as likely our own mistake.
    """
    told = answer.told(_Body)
    if 200 <= answer.status < 300:
        return Accepted(storable(told.name, _NAME_LENGTH))
    return _refusal(answer, told.error, now, proven=proven)


def _refusal(answer: Answer, error: _Error, now: datetime, *, proven: bool) -> Outcome:
    code, detail = storable(error.code, _CODE_LENGTH) or f"http_{answer.status}", storable(error.message)
    match _meaning(answer, error):
        case "gone":
            return Gone(code)
        case "doubtful":
            return Gone(code) if proven else Misconfigured(code, detail)
        case "throttled":
            return Throttled(code, answer.wait_s(now) or THROTTLED_S)
        case "misconfigured":
            return Misconfigured(code, detail)
        case "unavailable":
            at_once = 0.0 if code == UNAUTHENTICATED else None
            return Unavailable(code, answer.wait_s(now) or at_once, ambiguous=answer.passed_on)
        case "rejected":
            return Rejected(code, detail)


def _meaning(answer: Answer, error: _Error) -> Meaning:
    if error.code == _INVALID and error.of_token:
        return "gone"
    return MEANINGS.get(error.code) or _of_status(answer.status)


def _of_status(status: int) -> Meaning:
    """For a code that Firebase has not told us yet, or an answer without one."""
    match status:
        # Without its own code, a 404 is no word on the token: the project is not there.
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
            return "misconfigured"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "throttled"
        case _:
            return "unavailable" if status >= 500 else "rejected"
