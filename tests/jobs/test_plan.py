"""Which targets a due entry still has to be tried at."""

from uuid import UUID

import pytest

from delivery.ladder import Step
from delivery.retry import MAX_ATTEMPTS, Retry, Stop
from hub.store.due import LastAttempt
from jobs.plan import plan
from sessions.session import Reachable

PHONE = Reachable(UUID(int=1), "ada", "apns", "", "token")
LAPTOP = Reachable(UUID(int=2), "ada", "webpush", "", "{}")
MAIL = Reachable(UUID(int=3), "ada", "email", "", "ada@example.com")
PUSH = Step(channels=["push"])
FIRST = Step(channels=["push"], targets="first")
BOTH = frozenset({"webpush", "apns"})


def last(
    session: Reachable, *, number: int = 1, outcome: str | None = "unavailable", retry_in_s: float | None = None
) -> dict[UUID, LastAttempt]:
    return {session.session_id: LastAttempt("ada", 1, session.session_id, number, number, outcome, retry_in_s)}


def test_every_session_with_a_channel_is_tried_first() -> None:
    made = plan(PUSH, [PHONE, LAPTOP], {}, BOTH)
    assert [(one.target.channel, one.number) for one in made.tries] == [("apns", 1), ("webpush", 1)]


@pytest.mark.parametrize(
    ("sessions", "channels", "failure"),
    [([], BOTH, "no_target"), ([PHONE], frozenset({"webpush"}), "no_channel"), ([PHONE], BOTH, None)],
)
def test_why_nobody_can_be_tried(sessions: list[Reachable], channels: frozenset[str], failure: str | None) -> None:
    assert plan(PUSH, sessions, {}, channels).failure == failure


def test_a_target_that_accepted_is_not_tried_again() -> None:
    made = plan(PUSH, [LAPTOP], last(LAPTOP, outcome="accepted"), BOTH)
    assert (made.tries, made.known) == ([], [Stop("accepted")])


def test_a_retry_waits_for_its_time() -> None:
    assert plan(PUSH, [LAPTOP], last(LAPTOP, retry_in_s=12.5), BOTH).known == [Retry(12.5)]
    [again] = plan(PUSH, [LAPTOP], last(LAPTOP, retry_in_s=0.0), BOTH).tries
    assert again.number == 2


def test_an_attempt_whose_worker_died_is_made_again_up_to_the_limit() -> None:
    [again] = plan(PUSH, [LAPTOP], last(LAPTOP, number=3, outcome=None), BOTH).tries
    assert again.number == 4
    assert plan(PUSH, [LAPTOP], last(LAPTOP, number=MAX_ATTEMPTS, outcome=None), BOTH).known == [Stop("exhausted")]


def test_what_a_departed_target_answered_still_counts() -> None:
    made = plan(PUSH, [], last(LAPTOP, outcome="accepted"), BOTH)
    assert (made.known, made.failure) == ([Stop("accepted")], None)


def test_a_step_reaches_its_own_channels_only() -> None:
    everything = BOTH | {"email"}
    assert [one.target.channel for one in plan(PUSH, [PHONE, MAIL], {}, everything).tries] == ["apns"]
    step = Step(channels=["email", "webpush"])
    assert [one.target.channel for one in plan(step, [PHONE, MAIL], {}, everything).tries] == ["email"]
    assert plan(Step(channels=["sms"]), [PHONE, MAIL], {}, everything).failure == "no_target"


def test_one_after_the_other_begins_with_the_newest_and_ends_with_the_first_that_works() -> None:
    made = plan(FIRST, [PHONE, LAPTOP], {}, BOTH)
    assert ([one.session for one in made.tries], made.known) == ([LAPTOP], [Retry(0.0)])
    made = plan(FIRST, [PHONE, LAPTOP], last(LAPTOP, outcome="gone"), BOTH)
    assert ([one.session for one in made.tries], made.known) == ([PHONE], [Stop("gone")])
    made = plan(FIRST, [PHONE, LAPTOP], last(LAPTOP, retry_in_s=5.0), BOTH)
    assert ([one.session for one in made.tries], made.known) == ([PHONE], [Retry(5.0)])
    made = plan(FIRST, [PHONE, LAPTOP], last(LAPTOP, outcome="accepted"), BOTH)
    assert (made.tries, made.known) == ([], [Stop("accepted")])
