"""Whether two things take the same time: Welch's t of many turns, taken alternately in random order, without the
slowest, which the machine made slow (Reparaz, Balasch, Verbauwhede: Dude, is my code constant time? 2017)."""

import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import fmean, variance

KEPT = 0.9  # of the turns, the fastest
WARM_UP = 50

Call = Callable[[str], Awaitable[object]]
Made = Callable[[], str]


async def t_of(
    call: Call, one: Made, other: Made, turns: int, *, clock: Callable[[], int] = time.thread_time_ns
) -> float:
    """Of a call with two kinds of things. Above 4.5 of many thousand turns their means differ (there). By default CPU
    time of this thread counts: what a busy machine takes from it does not."""
    chance = random.Random(4)
    took: tuple[list[int], list[int]] = ([], [])
    for number in range(WARM_UP + 2 * turns):
        which = chance.randrange(2)
        given = (one, other)[which]()
        began = clock()
        await call(given)
        if number >= WARM_UP:
            took[which].append(clock() - began)
    bound = sorted(took[0] + took[1])[int(KEPT * (len(took[0]) + len(took[1])))]
    return welch(*([each for each in turn if each <= bound] for turn in took))


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t of two samples."""
    return (fmean(one) - fmean(other)) / math.sqrt(variance(one) / len(one) + variance(other) / len(other))
