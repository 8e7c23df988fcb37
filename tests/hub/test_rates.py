"""The arithmetic of rate limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rates import SECOND_US, Rate, fits, level_after, part, rate, standing

RATES = st.builds(rate, st.floats(0.5, 50_000), st.integers(1, 10_000))


@given(RATES, st.lists(st.tuples(st.integers(0, SECOND_US), st.integers(1, 20)), max_size=60))
def test_never_more_than_the_burst_and_what_time_has_given_back(limit: Rate, takes: list[tuple[int, int]]) -> None:
    now = level = taken = 0
    for later_us, cost in takes:
        now += later_us
        level = max(0, level - later_us)
        wanted = level_after(level, cost, limit)
        if cost <= limit.burst and fits(wanted, cost, limit):
            level, taken = wanted, taken + cost
    assert taken <= limit.burst + now / limit.interval_us


@given(RATES, st.integers(1, 50))
def test_who_waits_as_long_as_told_gets_it(limit: Rate, cost: int) -> None:
    level = 0
    while fits(level_after(level, cost, limit), cost, limit):
        level = level_after(level, cost, limit)
    told = standing(level_after(level, cost, limit), cost, limit, refused=True)
    later = max(0, level - told.retry_after_s * SECOND_US)
    assert fits(level_after(later, cost, limit), cost, limit)


@pytest.mark.parametrize(
    ("level_us", "cost", "refused", "expected"),
    [
        (100_000, 1, False, (5, 4, 1, 0)),
        (500_000, 1, False, (5, 0, 1, 0)),
        (600_000, 1, True, (5, 0, 1, 1)),
        (800_000, 5, True, (5, 2, 1, 1)),
        (0, 0, False, (5, 5, 0, 0)),
    ],
)
def test_what_the_headers_say(level_us: int, cost: int, *, refused: bool, expected: tuple[int, ...]) -> None:
    assert standing(level_us, cost, rate(10, 5), refused=refused) == expected


def test_more_than_a_burst_is_taken_from_a_full_bucket_alone() -> None:
    limit = rate(10, 5)
    assert fits(level_after(0, 50, limit), 50, limit)
    assert not fits(level_after(1, 50, limit), 50, limit)


@pytest.mark.parametrize(("parts", "burst", "interval_us"), [(1, 50, 10_000), (4, 12, 40_000), (80, 1, 800_000)])
def test_parts_together_are_no_more_than_the_whole_but_for_one_each(parts: int, burst: int, interval_us: int) -> None:
    assert part(rate(100, 50), parts) == Rate(interval_us, burst, interval_us * burst)
