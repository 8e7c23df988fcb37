"""Noticing that somebody else used the machine."""

import os

import pytest

from bench.disturbance import TICKS_A_S, Disturbance, busy_s, others_share


def test_time_for_programs_is_busy_and_idle_time_is_not() -> None:
    user, nice, system, idle = 100, 10, 50, 9_000
    assert busy_s(f"cpu  {user} {nice} {system} {idle} 7 0 30 0 0 0\ncpu0 1 1 1 1\n") == 160 / TICKS_A_S


def test_what_was_busy_and_not_ours_is_a_disturbance() -> None:
    cores = os.cpu_count() or 1
    assert others_share(wall_s=10.0, busy_s=8.0, ours_s=6.0) == pytest.approx(0.2 / cores)
    assert others_share(wall_s=10.0, busy_s=6.0, ours_s=6.1) == 0.0  # the clocks differ


def test_a_share_is_one() -> None:
    assert 0.0 <= Disturbance().share() <= 1.0
