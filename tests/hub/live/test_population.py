"""What is counted of those who come, and that it is forgotten with them."""

import tracemalloc

import msgspec
import pytest

from hub.limits import BURST_S, LiveSettings
from hub.live.population import Population

LIMITS = LiveSettings(hello_deadline_s=5, unproven_per_address=2, handshakes_per_s=1)
MANY = 10_000


def test_addresses_that_were_here_cost_nothing() -> None:
    population = Population(LIMITS, 0.0)
    tracemalloc.start()
    try:
        for number in range(MANY):
            address, now = f"198.51.{number}", number / 100
            population.admits(address, now)
            population.tries(address)
            if number % 2:
                population.proved(address)
            else:
                population.failed(address, now)
        population.admits(None, MANY / 100 + 5)  # looks who is held no longer
        assert tracemalloc.get_traced_memory()[0] < 10 * MANY
    finally:
        tracemalloc.stop()


def test_a_node_may_open_one_at_least() -> None:
    least = 1 / BURST_S
    assert Population(msgspec.convert({"handshakes_per_s": least}, LiveSettings), 0.0).admits(None, 0.0)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"handshakes_per_s": least / 2}, LiveSettings)


def test_an_address_that_is_full_takes_nothing_of_what_all_may_open() -> None:
    population = Population(LIMITS, 0.0)
    for _ in range(2):
        assert population.admits("flood", 0.0)
        population.tries("flood")
    assert not any(population.admits("flood", 0.0) for _ in range(100))
    assert [population.admits("other", 0.0) for _ in range(int(BURST_S) - 1)] == [True] * (int(BURST_S) - 2) + [False]
