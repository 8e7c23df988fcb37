"""Whatever happens in whatever order, the invariants hold; and every seeded fault is found.

`HARK_MODEL_EXAMPLES=20000` looks deeper, along other ways each time, and shrinks what it finds.
"""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.faults import FAULTS, NOTHING_HEALED, Fault
from tests.model.ledger import Broken
from tests.model.rules import Machine, Racing, Reading, Restoring
from tests.model.verbs import Verbs
from tests.model.world import Make

EXAMPLES = 150
FAULT_EXAMPLES = 2000  # a fault ends its own search
STEPS = 30

DEEPER = int(os.environ.get("HARK_MODEL_EXAMPLES", "0"))

# What runs with every change takes the same way each time: a failure has to do with the change.
QUICK = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, derandomize=True, database=None, phases=[Phase.generate]
)
SETTINGS = settings(max_examples=DEEPER, stateful_step_count=STEPS, database=None) if DEEPER else QUICK

pytestmark = pytest.mark.timeout(0 if DEEPER else 60)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The hubs warn of everything that is done to them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("machine", [Machine, Racing, Reading, Restoring])
def test_whatever_happens_in_whatever_order_the_invariants_hold(machine: type[Verbs]) -> None:
    run_state_machine_as_test(machine, settings=SETTINGS)


@pytest.mark.parametrize("machine", [Machine, Racing, Reading])
def test_on_a_bus_that_loses_nothing_no_race_needs_the_position_check(machine: type[Verbs]) -> None:
    run_state_machine_as_test(_of(machine, NOTHING_HEALED.make, hints_arrive=True), settings=SETTINGS)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(fault: Fault) -> None:
    machine = _of(fault.machine, fault.make, hints_arrive=fault.hints_arrive)
    with pytest.raises(Broken, match=rf"^({fault.breaks}): "):
        run_state_machine_as_test(machine, settings=settings(QUICK, max_examples=FAULT_EXAMPLES))


def _of(machine: type[Verbs], make: Make, *, hints_arrive: bool) -> type[Verbs]:
    """The same rules in a world that is made of something else."""
    return type(machine.__name__, (machine,), {"make": make, "hints_arrive": hints_arrive})
