"""Which step of a ladder runs, and what follows it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import ladder
from delivery.ladder import Finished, Ladder, Later, Marks, Move, Run, Start, Step
from delivery.retry import Retry, Stop

PUSH = Step(channels=["push"], after_s=5)
MAIL = Step(channels=["email"], after_s=600, condition="unread")
SMS = Step(channels=["sms"], after_s=3600, condition="unseen")
ALL = (PUSH, MAIL, SMS)

NOTHING = Marks()
ACKED = Marks(acked=True)
UNLOOKED = Marks(acked=True, background=True)
SEEN = Marks(acked=True, background=True, seen=True)
READ = Marks(acked=True, seen=True, read=True)


@pytest.mark.parametrize(
    ("rungs", "step", "marks", "age_s", "move"),
    [
        ((PUSH,), 1, NOTHING, 5, Run(1)),
        ((PUSH,), 1, NOTHING, 0.1, Run(1)),  # nobody is connected: it was made due before its time
        ((PUSH,), 1, ACKED, 5, Finished(None)),
        ((PUSH,), 1, UNLOOKED, 35, Run(1)),
        ((PUSH,), 1, SEEN, 35, Finished(None)),
        (ALL, 1, NOTHING, 5, Run(1)),
        (ALL, 1, ACKED, 5, Later(2, 595)),
        (ALL, 2, SEEN, 600, Run(2)),  # seen, and not read
        (ALL, 2, READ, 600, Finished(None)),
        (ALL, 1, READ, 5000, Finished(None)),
        (ALL, 1, ACKED, 5000, Run(2)),  # a worker that was away for long does the first that is needed
        (ALL, 3, ACKED, 3600, Run(3)),
        ((), 1, NOTHING, 5, Finished(None)),
        ((PUSH,), 2, NOTHING, 5, Finished(None)),
    ],
)
def test_what_is_done_when_a_step_is_due(
    rungs: Ladder, step: int, marks: Marks, age_s: float, move: Run | Move
) -> None:
    assert ladder.at(rungs, step, marks, age_s) == move


@pytest.mark.parametrize(
    ("rungs", "results", "reached", "move"),
    [
        ((PUSH,), [], False, Finished("no_target")),
        ((PUSH,), [Stop("accepted")], False, Finished(None, reached=True)),
        ((PUSH,), [Stop("accepted"), Stop("gone")], False, Finished(None, reached=True)),
        ((PUSH,), [Stop("gone")], False, Finished("gone")),
        ((PUSH,), [Stop("rejected"), Stop("gone")], False, Finished("rejected")),
        ((PUSH,), [Stop("gone")], True, Finished(None)),
        ((PUSH,), [Retry(3.0)], False, Later(1, 3)),
        ((PUSH,), [Retry(30.0), Retry(3.0), Stop("gone")], False, Later(1, 3)),
        ((PUSH,), [Retry(3.0), Stop("accepted")], False, Later(1, 3, reached=True)),
        ((PUSH, MAIL), [Stop("gone")], False, Later(2, 590)),
        ((PUSH, MAIL), [Stop("accepted")], False, Later(2, 590, reached=True)),
        ((PUSH, MAIL), [Retry(3.0)], False, Later(1, 3)),
        ((PUSH, MAIL), [Retry(900.0)], False, Later(2, 590)),  # the next step does not wait for a provider
        (
            (Step(channels=["push"], targets="first"),),
            [Retry(0.0), Stop("accepted")],
            False,
            Finished(None, reached=True),
        ),
    ],
)
def test_what_follows_a_step(rungs: Ladder, results: list[Retry | Stop], reached: object, move: Move) -> None:
    assert ladder.after(rungs, 1, results, 10, reached=bool(reached)) == move


def test_the_default_waits_for_an_ack_and_a_critical_one_for_nobody() -> None:
    normal, critical = ladder.default("normal", 5), ladder.default("critical", 5)
    assert ladder.start(normal) == ladder.default_start("normal", 5) == Start(5, 0, hurries=True)
    assert ladder.start(critical) == Start(0, 1, hurries=False)
    assert ladder.start(ALL) == Start(5, 2, hurries=True)
    assert ladder.start(()) == Start(None, 0, hurries=False)
    assert ladder.at(critical, 1, ACKED, 0) == Run(1)


def test_it_is_kept_as_it_is_said() -> None:
    text = msgspec.json.encode(ALL).decode()
    assert ladder.stored(text) == list(ALL)
    assert '"if":"unread"' in text
    assert ladder.stored(None) is None


@given(
    st.lists(
        st.builds(
            Step,
            channels=st.just(["push"]),
            after_s=st.floats(0, 1000),
            condition=st.sampled_from(["unacked", "unseen", "unread"]),
        ),
        max_size=6,
    ).map(lambda steps: sorted(steps, key=lambda step: step.after_s)),
    st.builds(Marks, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    st.floats(0, 2000),
)
def test_every_ladder_ends(rungs: list[Step], marks: Marks, age_s: float) -> None:
    step, moves = 1, 0
    while not isinstance(move := ladder.at(rungs, step, marks, age_s), Finished):
        if isinstance(move, Later):
            step, age_s = move.step, age_s + move.due_in_s
        elif isinstance(move := ladder.after(rungs, move.step, [Stop("gone")], age_s, reached=False), Finished):
            break
        else:
            step, age_s = move.step, age_s + move.due_in_s
        moves += 1
    assert moves <= 2 * len(rungs)
