"""What a push service's HTTP answer means (RFC 8030 sections 5, 7.3 and 8.4, RFC 8292 section 4.2). Pure."""

from datetime import datetime
from http import HTTPStatus

from delivery.answer import Answer, storable
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

_ID_LENGTH = 1024

# How Google's, Mozilla's and Apple's services say that a subscription was made with another VAPID key.
_KEY_MISMATCH = ("not correspond to the", "key mismatch", "vapidpkhashmismatch")


def outcome_of(answer: Answer, now: datetime, *, proven: bool = False) -> Outcome:
    """The Outcome of an answer received at `now` (aware); code `http_<status>` where no text says more.

    `proven` is whether this service ever accepted a push with our key: then a subscription made with another key is the
    fault of the one who made it, else it is ours.
    """
    code = f"http_{answer.status}"
    match answer.status:
        case status if 200 <= status < 300:
            return Accepted(storable(answer.headers.get("location", ""), _ID_LENGTH))
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            # RFC 8030 says 404 for an expired subscription, Mozilla and Google say 410. None says since when.
            return Gone(code)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return _refused(answer, code, proven=proven)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled(code, answer.wait_s(now))
        case status if status >= 500:
            return Unavailable(code, answer.wait_s(now), ambiguous=answer.passed_on)
        case _:
            return Rejected(code, _detail(answer))


def _refused(answer: Answer, code: str, *, proven: bool) -> Outcome:
    if not _mismatch(answer):
        return Misconfigured(code, _detail(answer))
    return Gone("key_mismatch") if proven else Misconfigured("key_mismatch", _detail(answer))


def _mismatch(answer: Answer) -> bool:
    lowered = answer.body.decode(errors="replace").lower()
    return any(words in lowered for words in _KEY_MISMATCH)


def _detail(answer: Answer) -> str:
    # Windows' service explains itself in a header, and its body is empty.
    return storable(answer.headers.get("x-wns-error-description", "")) or answer.detail
