"""What a push service's HTTP answer means (RFC 8030 sections 5, 7.3 and 8.4, RFC 8292 section 4.2). Pure."""

from datetime import datetime
from http import HTTPStatus

import msgspec

from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.retry_after import retry_after_s

DETAIL_LENGTH = 200  # an error of a push service is one sentence; a proxy's is a page of HTML
_ID_LENGTH = 1024

# How Google's, Mozilla's and Apple's services say that a subscription was made with another VAPID key.
_KEY_MISMATCH = ("not correspond to the", "key mismatch", "vapidpkhashmismatch")

# A gateway in between gave up on a request that it may have passed on.
_GATEWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})


class Answer(msgspec.Struct, frozen=True):
    """The part of an HTTP answer that carries meaning."""

    status: int
    reason: str = ""
    body: str = ""
    location: str = ""
    retry_after: str | None = None

    async def text(self) -> str:
        """The body, asked for as pywebpush asks an aiohttp answer."""
        return self.body


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """The Outcome of an answer received at `now` (aware); code `http_<status>` where no text says more."""
    code = f"http_{answer.status}"
    match answer.status:
        case status if 200 <= status < 300:
            return Accepted(_printable(answer.location)[:_ID_LENGTH])
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            # RFC 8030 says 404 for an expired subscription, Mozilla and Google say 410. None says since when.
            return Gone(code)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Misconfigured("key_mismatch" if _mismatch(answer.body) else code, _detail(answer))
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled(code, retry_after_s(answer.retry_after, now))
        case status if status >= 500:
            wait_s = retry_after_s(answer.retry_after, now)
            return Unavailable(code, wait_s, ambiguous=status in _GATEWAY)
        case _:
            return Rejected(code, _detail(answer))


def _mismatch(body: str) -> bool:
    lowered = body.lower()
    return any(words in lowered for words in _KEY_MISMATCH)


def _detail(answer: Answer) -> str:
    words = " ".join((answer.body or answer.reason).split())
    return _printable(words)[:DETAIL_LENGTH]


def _printable(text: str) -> str:
    # A NUL or half a surrogate pair, which a header or a broken body can hold, is refused by Postgres.
    return "".join(character for character in text if character.isprintable())
