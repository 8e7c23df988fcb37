"""What a clearing names, and that every provider carries it."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from delivery.apns.payload import LIMIT_BYTES as APNS_BYTES
from delivery.apns.payload import clearing_payload as apns_payload
from delivery.clearing import RANGES, TAGS, Clearing, Past
from delivery.collapse import collapse_tag
from delivery.fcm.payload import LIMIT_BYTES as FCM_BYTES
from delivery.fcm.payload import clearing_payload as fcm_payload
from delivery.message import Target
from delivery.webpush.headers import clearing_headers, headers
from delivery.webpush.payload import LIMIT_BYTES as WEBPUSH_BYTES
from delivery.webpush.payload import clearing_payload as webpush_payload
from delivery.webpush.push_services import Origin
from tests.delivery.sample import PLAIN

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
ANDROID = Target("fcm", "token", platform="android")
ORIGIN = Origin("https", "fcm.googleapis.com", 443)
KEYED = msgspec.structs.replace(PLAIN, collapse_key="order-42")


def clearing(*past: Past) -> Clearing:
    return Clearing("ada", past, unread=3, head=9, ttl_s=600)


def of(*seqs: int) -> Clearing:
    return clearing(*(Past(seq, f"{seq:036}") for seq in seqs))


@pytest.mark.parametrize(
    ("seqs", "ranges"),
    [([], []), ([7], [(7, 7)]), ([9, 8, 7], [(7, 9)]), ([9, 7, 6, 2], [(9, 9), (6, 7), (2, 2)])],
)
def test_entries_are_named_in_ranges(seqs: list[int], ranges: list[tuple[int, int]]) -> None:
    assert of(*seqs).seqs == ranges


def test_a_tag_is_the_one_that_the_push_had() -> None:
    cleared = clearing(Past(8, PLAIN.notification_id), Past(7, "another", "order-42"))

    assert cleared.tags == [collapse_tag(PLAIN), collapse_tag(KEYED)]


def test_what_collapsed_into_one_is_named_once() -> None:
    cleared = clearing(Past(8, "a", "order-42"), Past(7, "b", "order-42"))

    assert (cleared.tags, cleared.seqs) == ([collapse_tag(KEYED)], [(7, 8)])


def test_however_much_was_read_it_fits_every_provider() -> None:
    falling = range(2_000_000_999, 1, -2)[:1000]
    longest = Clearing("ada", [Past(seq, f"{seq:036}", f"{seq}") for seq in falling], 10**9, 10**10, 600)
    fcm = msgspec.json.decode(fcm_payload(longest, ANDROID, NOW))["message"]["data"]["hark"]

    assert (len(longest.tags), len(longest.seqs)) == (TAGS, RANGES)
    assert longest.seqs[0] == (falling[0], falling[0])
    assert len(apns_payload(longest)) <= APNS_BYTES
    assert len("hark" + fcm) <= FCM_BYTES
    assert len(webpush_payload(longest)) <= WEBPUSH_BYTES


def test_it_is_as_the_document_says() -> None:
    document = Path("docs/delivery.md").read_text().partition("cleared everywhere\n")[2]
    example = document.partition("```json\n")[2].partition("```")[0]
    told = Clearing("ada", [Past(seq, "0198b3a2-7c1e-7a27-8d1f-8ffd5652fad8") for seq in (42, 41, 7)], 2, 42, 600)

    assert msgspec.json.decode(apns_payload(told))["hark"] == msgspec.json.decode(example)
    for limit in (f"at most {TAGS} |", f"at most {RANGES} |"):
        assert limit in document


def test_what_clears_one_push_takes_its_place_while_that_still_waits_at_the_service() -> None:
    one = clearing(Past(PLAIN.seq, PLAIN.notification_id))
    keyed = clearing(Past(KEYED.seq, KEYED.notification_id, KEYED.collapse_key))

    assert clearing_headers(one, ORIGIN)["topic"] == headers(PLAIN, ORIGIN)["topic"]
    assert "collapse_key" not in msgspec.json.decode(fcm_payload(one, ANDROID, NOW))["message"]["android"]
    assert msgspec.json.decode(fcm_payload(keyed, ANDROID, NOW))["message"]["android"]["collapse_key"] == collapse_tag(
        KEYED
    )


def test_what_clears_several_replaces_none_of_them() -> None:
    assert "topic" not in clearing_headers(of(2, 1), ORIGIN)
