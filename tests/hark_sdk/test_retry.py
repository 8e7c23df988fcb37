"""What failed in passing is said again, and is done once."""

import asyncpg
import pytest
from asyncpg import Record

from hark_sdk import Notification, Retries, Unavailable
from hark_sdk.errors import Busy, HarkError, Invalid, NoAnswer, Problem, RateLimited, Refused, UnexpectedAnswer
from tests.hark_sdk.asking import Ask, Asking
from tests.hark_sdk.flaky import flaky
from tests.hub_process import Customer

PATIENT = Retries(tries=4, first_s=1, longest_s=10)


def _refused(kind: type[Refused], retry_after_s: float | None = None) -> Refused:
    return kind(kind.status_of_kind, Problem(), retry_after_s=retry_after_s)


def test_pauses_grow_and_are_jittered_whole() -> None:
    error = NoAnswer("lost", unsent=False)
    pauses = [PATIENT.pause_s(error, tried=tried, repeatable=True, dice=0.5) for tried in (1, 2, 3, 4)]
    assert pauses == [0.5, 1.0, 2.0, None]
    assert PATIENT.pause_s(error, tried=1, repeatable=True, dice=0.0) == 0
    assert Retries(tries=99, longest_s=10).pause_s(error, tried=50, repeatable=True, dice=0.5) == 5


def test_what_the_hub_asks_for_comes_on_top_and_too_much_is_not_waited_for() -> None:
    limited = _refused(RateLimited, 3)
    assert PATIENT.pause_s(limited, tried=1, repeatable=True, dice=0.5) == 3.5
    assert PATIENT.pause_s(_refused(RateLimited, 11), tried=1, repeatable=True, dice=0.5) is None


@pytest.mark.parametrize(
    ("error", "again", "again_if_not_repeatable"),
    [
        (NoAnswer("lost", unsent=False), True, False),
        (NoAnswer("nobody there", unsent=True), True, True),
        (_refused(Busy, 1), True, True),
        (_refused(Busy), False, False),
        (_refused(RateLimited), True, True),
        (_refused(Unavailable), True, True),
        (Refused(502, Problem()), True, False),
        (Refused(500, Problem()), False, False),
        (_refused(Invalid), False, False),
        (UnexpectedAnswer("what?"), False, False),
    ],
)
def test_only_what_passes_is_said_again(error: HarkError, again: bool, again_if_not_repeatable: bool) -> None:  # noqa: FBT001
    for repeatable, expected in ((True, again), (False, again_if_not_repeatable)):
        assert (PATIENT.pause_s(error, tried=1, repeatable=repeatable, dice=0.5) is not None) == expected


async def test_answers_that_get_lost_do_not_make_two_of_one(
    hub: Customer, asking: Asking, key: str, pool: "asyncpg.Pool[Record]"
) -> None:
    async with flaky(hub.url) as network, asking(network.url, key) as ask:
        network.loses = 3
        accepted = await ask("send", "ada", "Hello")
        assert network.passed == 4
        network.loses = 2
        batch = await ask("send_batch", [Notification(title="x", user_id=user) for user in ("ada", "grace")])
        assert (batch.accepted, network.passed) == (2, 7)
    assert await pool.fetchval("select count(*) from entries where notification_id = $1", accepted.notification_id) == 1
    assert await pool.fetchval("select count(*) from entries") == 3
    assert await pool.fetchval("select count(*) from notifications") == 3


async def test_a_hub_that_is_away_for_a_moment_is_asked_again(hub: Customer, asking: Asking, key: str) -> None:
    async with flaky(hub.url) as network, asking(network.url, key) as ask:
        network.refuses = 4
        assert (await ask("send", "ada", "Hello")).accepted == 1
        network.refuses = 5
        with pytest.raises(Unavailable):
            await ask("send", "ada", "Hello")
        assert network.passed == 1


async def test_a_live_message_whose_answer_is_lost_is_not_said_twice(hub: Customer, asking: Asking, key: str) -> None:
    async with flaky(hub.url) as network, asking(network.url, key) as ask:
        network.loses = 1
        with pytest.raises(NoAnswer):
            await ask("publish_live", "news", "hi")
        assert network.passed == 1
        network.refuses = 2
        assert (await ask("publish_live", "news", "hi")).topic == "news"


async def test_a_request_of_your_own_name_is_one_however_often_you_ask(ask: Ask, pool: "asyncpg.Pool[Record]") -> None:
    first = await ask("send", "ada", "Hello", idempotency_key="order-42")
    again = await ask("send", "ada", "Hello", idempotency_key="order-42")
    assert first == again
    assert await pool.fetchval("select count(*) from entries") == 1
