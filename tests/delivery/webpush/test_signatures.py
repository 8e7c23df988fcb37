from datetime import UTC, datetime, timedelta

from delivery.simulator.vapid_check import check
from delivery.webpush import vapid
from delivery.webpush.signatures import LIFE, ORIGINS, RENEW_AFTER, Signatures

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
ONE, OTHER = "https://one.example", "https://other.example:8443"


def fresh() -> Signatures:
    return Signatures(vapid.load(vapid.generate().private_key), "mailto:ops@example.com")


def test_a_signature_is_for_its_service_until_it_ends() -> None:
    signatures = fresh()
    header = signatures.header(ONE, NOON)

    assert check(header, audience=ONE, binding=None, now=NOON) is None
    assert check(header, audience=ONE, binding=None, now=NOON + LIFE - A_SECOND) is None
    assert check(header, audience=OTHER, binding=None, now=NOON) is not None
    assert check(signatures.header(OTHER, NOON), audience=OTHER, binding=None, now=NOON) is None


def test_it_is_signed_again_long_before_it_ends_and_when_the_clock_was_set_back() -> None:
    signatures = fresh()
    first = signatures.header(ONE, NOON)

    assert signatures.header(ONE, NOON + RENEW_AFTER - A_SECOND) == first
    assert signatures.header(ONE, NOON + RENEW_AFTER) != first
    assert signatures.header(ONE, NOON - A_SECOND) != first
    assert RENEW_AFTER < LIFE


def test_made_up_services_take_only_so_much_room() -> None:
    signatures = fresh()
    first = signatures.header(ONE, NOON)
    for number in range(ORIGINS):
        signatures.header(f"https://{number}.notify.windows.com", NOON)

    assert len(signatures._signed) == ORIGINS
    assert signatures.header(ONE, NOON) != first
