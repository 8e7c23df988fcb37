"""Rate limits by GCRA (the generic cell rate algorithm of ITU-T I.371): one number a key says all there is to know.

That number is the level: how long, at the limit's own rate, what was taken would last. It falls by a second a second,
and what is taken must not lift it above the burst. Pure; times are whole microseconds.
"""

import math
from typing import NamedTuple

SECOND_US = 1_000_000


class Rate(NamedTuple):
    """So many in the long run, and so many at once."""

    interval_us: int  # what one takes
    burst: int
    room_us: int  # how high the level may be


def rate(per_s: float, burst: int) -> Rate:
    """So many a second."""
    interval_us = max(1, round(SECOND_US / per_s))
    return Rate(interval_us, burst, interval_us * burst)


def part(limit: Rate, parts: int) -> Rate:
    """What one of so many allows, who do not know of each other: one at once at least, so that nobody is shut out."""
    interval_us, burst = limit.interval_us * parts, max(1, limit.burst // parts)
    return Rate(interval_us, burst, interval_us * burst)


def level_after(level_us: int, cost: int, limit: Rate) -> int:
    """The level when `cost` were taken at this level."""
    return max(0, level_us) + cost * limit.interval_us


def fits(level_us: int, cost: int, limit: Rate) -> bool:
    """Whether this level, after `cost` were taken, is allowed. More than a burst at once is taken at level 0 and paid
    off afterwards."""
    return level_us <= max(limit.room_us, cost * limit.interval_us)


class Standing(NamedTuple):
    """What a limit tells whoever meets it."""

    limit: int  # at once
    remaining: int
    reset_s: int  # until all of it is there again
    retry_after_s: int  # until what was refused fits; 0: nothing was


def standing(level_us: int, cost: int, limit: Rate, *, refused: bool) -> Standing:
    """`level_us` is that after `cost` were taken, or that they would have lifted it to when they were refused."""
    held = level_us - cost * limit.interval_us if refused else level_us
    over = level_us - max(limit.room_us, cost * limit.interval_us)
    return Standing(
        limit=limit.burst,
        remaining=max(0, (limit.room_us - held) // limit.interval_us),
        reset_s=math.ceil(max(0, held) / SECOND_US),
        retry_after_s=max(1, math.ceil(over / SECOND_US)) if refused else 0,
    )
