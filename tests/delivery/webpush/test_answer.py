from datetime import UTC, datetime

import pytest

from delivery.answer import DETAIL_LENGTH, Answer
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.webpush.answer import outcome_of

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
GOOGLE_MISMATCH = (
    "the VAPID credentials in the authorization header do not correspond to the credentials used to create "
    "the subscriptions.\n"
)
OLD_GOOGLE_MISMATCH = (
    "the key in the authorization header does not correspond to the sender ID used to subscribe this user."
)
MOZILLA_MISMATCH = '{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch"}'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(201, {"location": "https://push.example/m/1"}), Accepted("https://push.example/m/1")),
        (Answer(200), Accepted("")),
        (Answer(202), Accepted("")),
        (Answer(204), Accepted("")),
        (Answer(301, {"location": "http://127.0.0.1/"}, b"Moved"), Rejected("http_301", "Moved")),
        (Answer(307), Rejected("http_307", "")),
        (Answer(400, body=b"no\n ttl"), Rejected("http_400", "no ttl")),
        (Answer(400, {"x-wns-error-description": "Ttl conflicts"}), Rejected("http_400", "Ttl conflicts")),
        (Answer(401, body=b"Unauthorized"), Misconfigured("http_401", "Unauthorized")),
        (Answer(403, body=b"bad jwt"), Misconfigured("http_403", "bad jwt")),
        (Answer(403, body=GOOGLE_MISMATCH.encode()), Misconfigured("key_mismatch", GOOGLE_MISMATCH.strip())),
        (Answer(403, body=OLD_GOOGLE_MISMATCH.encode()), Misconfigured("key_mismatch", OLD_GOOGLE_MISMATCH)),
        (Answer(401, body=MOZILLA_MISMATCH.encode()), Misconfigured("key_mismatch", MOZILLA_MISMATCH)),
        (
            Answer(403, body=b'{"reason":"VapidPkHashMismatch"}'),
            Misconfigured("key_mismatch", '{"reason":"VapidPkHashMismatch"}'),
        ),
        (Answer(404), Gone("http_404")),
        (Answer(410), Gone("http_410")),
        (Answer(405), Rejected("http_405", "")),
        (Answer(413, body=b"Too Large"), Rejected("http_413", "Too Large")),
        (Answer(429), Throttled("http_429")),
        (Answer(429, {"retry-after": "30"}), Throttled("http_429", 30.0)),
        (Answer(429, {"retry-after": "Fri, 20 Nov 2026 12:01:00 GMT"}), Throttled("http_429", 60.0)),
        (Answer(500), Unavailable("http_500")),
        (Answer(502), Unavailable("http_502", ambiguous=True)),
        (Answer(503, {"retry-after": "5"}), Unavailable("http_503", 5.0)),
        (Answer(504), Unavailable("http_504", ambiguous=True)),
        (Answer(599), Unavailable("http_599")),
        (Answer(418), Rejected("http_418", "")),
    ],
)
def test_every_status_has_its_outcome(answer: Answer, outcome: Outcome) -> None:
    assert outcome_of(answer, NOW) == outcome


def test_what_a_service_says_is_kept_short_and_storable() -> None:
    rejected = outcome_of(Answer(400, body=b"no\x00" + b"x" * 10_000), NOW)

    assert rejected == Rejected("http_400", ("no" + "x" * DETAIL_LENGTH)[:DETAIL_LENGTH])
