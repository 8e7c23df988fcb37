from delivery.simulator.faults import Fault, Faults


def test_a_fault_is_met_as_often_as_was_asked_for() -> None:
    faults = Faults()
    faults.add("phone", Fault(device="phone", status=503, times=2))
    faults.add("phone", Fault(device="phone", status=429))

    assert [faults.take("phone") for _ in range(4)] == [
        Fault(device="phone", status=503, times=2),
        Fault(device="phone", status=503, times=2),
        Fault(device="phone", status=429),
        None,
    ]


def test_an_endless_fault_ends_when_it_is_removed() -> None:
    faults = Faults()
    faults.add("phone", endless := Fault(device="phone", status=500, times=0))

    assert [faults.take("phone") for _ in range(3)] == [endless] * 3
    assert faults.take("tablet") is None
    faults.clear()
    assert faults.take("phone") is None
