import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.retry import CAP_S, MAX_ATTEMPTS, RETRY_AFTER_CAP_S, Retry, Stop, StopState, after

JITTER = st.floats(0, 1, exclude_max=True)
ATTEMPT = st.integers(1, MAX_ATTEMPTS - 1)
ALMOST_ONE = 0.999999


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Accepted("1"), "accepted"), (Gone("http_410"), "gone"), (Rejected("http_400", ""), "rejected")],
)
def test_an_answer_that_no_retry_can_change_stops(outcome: Outcome, state: StopState) -> None:
    assert after(outcome, 1, 0.5) == Stop(state)


@pytest.mark.parametrize("outcome", [Throttled("http_429"), Throttled("http_429", 5.0), Unavailable("timeout")])
def test_the_eighth_try_is_the_last(outcome: Outcome) -> None:
    assert isinstance(after(outcome, MAX_ATTEMPTS - 1, 0.5), Retry)
    assert after(outcome, MAX_ATTEMPTS, 0.5) == Stop("exhausted")


@pytest.mark.parametrize(("attempt", "bound_s"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 600), (7, 600)])
def test_without_a_word_from_the_provider_the_jitter_is_full(attempt: int, bound_s: float) -> None:
    assert after(Unavailable("http_503"), attempt, 0.0) == Retry(0.0)
    assert after(Unavailable("http_503"), attempt, 0.5) == Retry(bound_s / 2)


def test_the_retries_outlast_a_providers_restart() -> None:
    delays = [after(Unavailable("http_503"), attempt, 0.5) for attempt in range(1, MAX_ATTEMPTS)]

    assert sum(delay.delay_s for delay in delays if isinstance(delay, Retry)) > 10 * 60


@given(ATTEMPT, JITTER, st.floats(1, RETRY_AFTER_CAP_S))
def test_retry_after_is_never_undercut_and_little_exceeded(attempt: int, jitter: float, asked_s: float) -> None:
    for outcome in (Throttled("http_429", asked_s), Unavailable("http_503", asked_s)):
        decision = after(outcome, attempt, jitter)

        assert isinstance(decision, Retry)
        assert asked_s <= decision.delay_s <= asked_s * 1.1


def test_retry_after_zero_does_not_burn_the_attempts() -> None:
    assert after(Throttled("http_429", 0.0), 1, 0.0) == Retry(1.0)


def test_retry_after_next_year_counts_as_an_hour() -> None:
    assert after(Throttled("http_429", 3e7), 1, 0.0) == Retry(3600.0)


@given(st.integers(1, 10_000), JITTER)
def test_our_own_wrong_key_loses_no_message(attempt: int, jitter: float) -> None:
    decision = after(Misconfigured("http_403", ""), attempt, jitter)

    assert isinstance(decision, Retry)
    assert CAP_S <= decision.delay_s <= CAP_S * 1.1
