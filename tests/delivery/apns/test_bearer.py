from datetime import UTC, datetime, timedelta

from delivery.apns.bearer import LEAST_AGE, RENEW_AFTER, Bearer

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def counting() -> Bearer:
    """Whose headers are "1", "2", …"""
    signed = iter(range(1, 100))
    return Bearer(lambda: str(next(signed)))


def test_it_is_signed_once_and_again_when_due() -> None:
    bearer = counting()
    moments = [NOON, NOON + A_SECOND, NOON + RENEW_AFTER - A_SECOND, NOON + RENEW_AFTER]

    assert [bearer.header(moment) for moment in moments] == ["1", "1", "1", "2"]


def test_it_is_renewed_within_what_apple_allows() -> None:
    assert timedelta(minutes=20) < RENEW_AFTER < timedelta(minutes=55)


def test_a_clock_that_was_set_back_makes_a_new_one() -> None:
    bearer = counting()
    bearer.header(NOON)

    assert bearer.header(NOON - timedelta(hours=3)) == "2"


def test_what_is_refused_is_renewed_once_for_all_who_used_it() -> None:
    bearer = counting()
    old = bearer.header(NOON)
    later = NOON + LEAST_AGE

    assert [bearer.refused(old, later) for _ in range(3)] == [True, True, True]
    assert bearer.header(later) == "2"


def test_a_fresh_one_that_is_refused_is_not_renewed_over_and_over() -> None:
    bearer = counting()
    fresh = bearer.header(NOON)

    assert not bearer.refused(fresh, NOON + LEAST_AGE - A_SECOND)
    assert bearer.header(NOON + LEAST_AGE - A_SECOND) == fresh
