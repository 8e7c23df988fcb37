from datetime import UTC, datetime

import msgspec
import pytest

from delivery.outcome import (
    Accepted,
    Gone,
    Misconfigured,
    Outcome,
    Rejected,
    Throttled,
    Unavailable,
    name_of,
)

EVERY_OUTCOME: list[tuple[Outcome, str]] = [
    (Accepted("id-1"), "accepted"),
    (Gone("Unregistered", datetime(2026, 1, 1, tzinfo=UTC)), "gone"),
    (Throttled("http_429", 30.0), "throttled"),
    (Rejected("http_413", "too big"), "rejected"),
    (Unavailable("timeout", ambiguous=True), "unavailable"),
    (Misconfigured("http_401", "no token"), "misconfigured"),
]


@pytest.mark.parametrize(("outcome", "name"), EVERY_OUTCOME)
def test_an_outcome_has_one_name_everywhere(outcome: Outcome, name: str) -> None:
    assert name_of(outcome) == name
    assert msgspec.to_builtins(outcome)["outcome"] == name


@pytest.mark.parametrize(("outcome", "_name"), EVERY_OUTCOME)
def test_an_outcome_survives_json(outcome: Outcome, _name: str) -> None:
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome) == outcome
