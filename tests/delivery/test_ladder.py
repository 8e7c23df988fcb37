"""What follows a step of the ladder."""

from datetime import timedelta

import pytest

from delivery.ladder import Finished, Move, TryAgain, after_push
from delivery.retry import Retry, Stop


@pytest.mark.parametrize(
    ("results", "move"),
    [
        ([], Finished("no_target")),
        ([Stop("accepted")], Finished(None)),
        ([Stop("accepted"), Stop("gone")], Finished(None)),
        ([Stop("gone")], Finished("gone")),
        ([Stop("rejected"), Stop("gone")], Finished("rejected")),
        ([Retry(3.0)], TryAgain(timedelta(seconds=3), reached=False)),
        ([Retry(30.0), Retry(3.0), Stop("gone")], TryAgain(timedelta(seconds=3), reached=False)),
        ([Retry(3.0), Stop("accepted")], TryAgain(timedelta(seconds=3), reached=True)),
    ],
)
def test_after_the_push(results: list[Retry | Stop], move: Move) -> None:
    assert after_push(results) == move
