from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.retry_after import retry_after_s

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 0),
        ("Fri, 20 Nov 2026 12:02:00 GMT", 120),
        ("Friday, 20-Nov-26 12:02:00 GMT", 120),  # RFC 850, which RFC 9110 section 5.6.7 wants read
        ("Fri, 20 Nov 2026 12:02:00 -0000", 120),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣٠", None),
        ("9" * 5000, None),
        ("Fri, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_seconds_and_dates_are_read_and_nonsense_is_not(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    seconds = retry_after_s(header, NOW)

    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**8))
def test_a_date_says_as_much_as_its_seconds(seconds: int) -> None:
    header = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert retry_after_s(header, NOW) == seconds
