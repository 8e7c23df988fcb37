"""When a webhook is called again."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.answer import Answer
from delivery.outbound.failed import Failed
from delivery.webhook.schedule import DELAYS_S, Again, GaveUp, NotWanted, Told, after, words

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_a_2xx_is_a_success(status: int) -> None:
    assert after(Answer(status), 0, 0.0, NOW) == Told()


@pytest.mark.parametrize("result", [Answer(100), Answer(302), Answer(404), Answer(500), Answer(999), Failed("timeout")])
def test_anything_else_is_tried_again(result: Answer | Failed) -> None:
    assert after(result, 0, 0.0, NOW) == Again(5)


def test_the_receiver_may_say_that_it_is_gone() -> None:
    assert after(Answer(410), 3, 0.0, NOW) == NotWanted()


def test_the_waits_are_those_of_standard_webhooks_over_three_days() -> None:
    delays: list[float] = []
    while isinstance(verdict := after(Answer(500), len(delays), 0.0, NOW), Again):
        delays.append(verdict.delay_s)
    assert verdict == GaveUp()
    assert delays == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert timedelta(days=3) < timedelta(seconds=sum(DELAYS_S)) < timedelta(days=4)


def test_many_that_wait_for_the_same_moment_do_not_come_in_it() -> None:
    verdicts = [after(Answer(500), 1, jitter, NOW) for jitter in (0.0, 0.5, 0.999)]
    waits = [verdict.delay_s for verdict in verdicts if isinstance(verdict, Again)]
    assert waits == sorted(set(waits))
    assert waits[0] == 300
    assert waits[-1] <= 330


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("120", 120), ("0", 5), ("1", 5), ("999999999", 86_400), ("soon", 5), ("Sat, 21 Nov 2026 00:10:00 GMT", 600)],
)
def test_retry_after_makes_the_wait_longer_and_never_shorter(header: str, wait_s: float) -> None:
    assert after(Answer(503, {"retry-after": header}), 0, 0.0, NOW) == Again(wait_s)


def test_what_came_back_is_told_in_words_and_never_with_the_body() -> None:
    assert words(Answer(500, {}, b"secret of a neighbour")) == "500 Internal Server Error"
    assert words(Answer(599, {}, b"secret")) == "599"
    assert words(Failed("address_not_allowed")) == "address_not_allowed"
