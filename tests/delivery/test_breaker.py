"""When a provider is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.breaker import FAILURES, FIRST_S, JUDGED, LONGEST_S, PROBE_S, REFUSALS, TOGETHER_S, Breaker, MassGone
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

DOWN = Unavailable("http_503")
LOST = Unavailable("connection_lost", ambiguous=True)
ANSWERS: list[Outcome] = [Accepted("id"), Gone("http_410"), Rejected("bad", ""), Throttled("http_429")]


def broken(*, at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.admit(at) == 0
        breaker.record(DOWN, at)
    return breaker


def test_a_provider_that_fails_now_and_then_is_called() -> None:
    breaker = Breaker()
    for _ in range(5):
        for _ in range(FAILURES - 1):
            breaker.record(DOWN, 0)
        breaker.record(Accepted("id"), 0)
    assert (breaker.admit(0), breaker.reason) == (0, None)


def test_after_failures_in_a_row_nobody_is_let_through_for_a_while_then_one() -> None:
    breaker = broken()
    assert (breaker.admit(0.25), breaker.reason) == (0.75, "http_503")
    assert breaker.admit(1.0) == 0
    assert breaker.admit(1.0) == PROBE_S  # the others wait for what the first one hears


@pytest.mark.parametrize("answer", ANSWERS)
def test_any_answer_about_a_message_or_a_token_lets_all_through(answer: Outcome) -> None:
    breaker = broken()
    assert breaker.admit(1.0) == 0
    breaker.record(answer, 1.0)
    assert [breaker.admit(1.0) for _ in range(3)] == [0, 0, 0]


def test_each_failed_try_waits_twice_as_long_up_to_a_minute() -> None:
    breaker, now, waits = broken(), 0.0, []
    for _ in range(9):
        waits.append(breaker.admit(now))
        now += waits[-1]
        assert breaker.admit(now) == 0
        breaker.record(DOWN, now)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_fails_while_a_provider_is_left_alone_is_the_same_breakdown() -> None:
    breaker = broken()
    for _ in range(100):  # under way since before
        breaker.record(DOWN, 0.5)
    assert breaker.admit(FIRST_S) == 0


def test_a_connection_that_breaks_is_one_failure_however_many_were_on_it() -> None:
    breaker = Breaker()
    for _ in range(100):
        breaker.record(LOST, 1.0)
    assert (breaker.admit(1.0), breaker.reason) == (0, None)


def test_a_provider_that_breaks_one_connection_after_another_is_left_alone() -> None:
    breaker = Breaker()
    for number in range(FAILURES):
        assert breaker.reason is None
        breaker.record(LOST, number * TOGETHER_S * 1.1)
    assert breaker.reason == "connection_lost"


def test_who_was_let_through_and_does_not_call_makes_room_for_another() -> None:
    breaker = broken()
    assert breaker.admit(1.0) == 0
    breaker.release()
    assert breaker.admit(1.0) == 0


def test_a_provider_is_not_called_before_the_time_it_asked_for() -> None:
    breaker = Breaker()
    breaker.record(Unavailable("http_503", retry_after_s=30), 100.0)
    breaker.record(Unavailable("timeout"), 101.0)  # a call that was under way
    assert breaker.admit(101.0) == 29
    assert breaker.admit(130.0) == 0


def test_a_credential_that_is_refused_again_and_again_is_tried_once_a_minute() -> None:
    breaker = Breaker()
    for _ in range(REFUSALS):
        assert breaker.admit(0) == 0
        breaker.record(Misconfigured("InvalidProviderToken", ""), 0)
    assert (breaker.admit(10), breaker.reason) == (LONGEST_S - 10, "InvalidProviderToken")
    assert breaker.admit(LONGEST_S) == 0


def test_one_refusal_does_not_close_a_channel_for_a_minute_because_it_comes_in_an_outage() -> None:
    breaker, refusal = broken(), Misconfigured("InvalidProviderToken", "")
    breaker.record(refusal, 0.5)  # a call that was under way
    assert breaker.admit(1.0) == 0
    breaker.record(refusal, 1.0)  # what was let through to see: the provider is not down
    assert (breaker.admit(1.0), breaker.reason) == (0, None)
    breaker.record(refusal, 1.0)
    assert breaker.admit(1.0) == LONGEST_S


def test_a_time_that_was_asked_for_is_over_when_the_provider_works() -> None:
    breaker = Breaker()
    breaker.record(Unavailable("http_503", retry_after_s=600), 0)
    breaker.record(Accepted("id"), 1.0)
    for _ in range(FAILURES):
        breaker.record(DOWN, 2.0)
    assert breaker.admit(2.0) == FIRST_S


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*ANSWERS, DOWN, Unavailable("http_503", retry_after_s=5), Misconfigured("x", "")]),
            st.floats(0, 100),
        ),
        max_size=60,
    )
)
def test_whatever_happens_it_is_asked_again_within_the_hour(steps: list[tuple[Outcome, float]]) -> None:
    breaker, now = Breaker(), 0.0
    for outcome, later in steps:
        now += later
        if breaker.admit(now) == 0:
            breaker.record(outcome, now)
    assert breaker.admit(now + 3600) == 0


def test_tokens_that_die_one_by_one_are_believed() -> None:
    guard = MassGone()
    for number in range(10 * JUDGED):
        guard.record(gone=number % 3 == 0)
        assert not guard.tripped


def test_half_of_the_answers_at_once_are_not_believed_until_others_come() -> None:
    guard = MassGone()
    for _ in range(JUDGED // 2 + 1):
        assert not guard.tripped
        guard.record(gone=True)
    assert guard.tripped
    for _ in range(JUDGED):
        guard.record(gone=False)
    assert not guard.tripped
