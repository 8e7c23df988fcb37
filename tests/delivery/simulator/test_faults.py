from delivery.simulator.faults import Fault, Faults


def test_a_fault_is_met_as_often_as_was_asked_for() -> None:
    faults = Faults()
    faults.add("phone", Fault(device="phone", status=503, times=2))
    faults.add("phone", Fault(device="phone", status=429))

    assert [faults.take("phone", "apns") for _ in range(4)] == [
        Fault(device="phone", status=503, times=2),
        Fault(device="phone", status=503, times=2),
        Fault(device="phone", status=429),
        None,
    ]


def test_an_endless_fault_ends_when_it_is_removed() -> None:
    faults = Faults()
    faults.add("phone", endless := Fault(device="phone", status=500, times=0))

    assert [faults.take("phone", "apns") for _ in range(3)] == [endless] * 3
    assert faults.take("tablet", "apns") is None
    faults.remove(None)
    assert faults.take("phone", "apns") is None


def test_a_fault_of_a_channel_meets_every_device_of_it() -> None:
    faults = Faults()
    faults.add(None, everywhere := Fault(channel="fcm", status=503, times=2))

    assert [faults.take(device, "fcm") for device in ("phone", "tablet", "watch")] == [everywhere, everywhere, None]
    assert faults.take("phone", "apns") is None


def test_a_devices_own_fault_comes_before_that_of_its_channel() -> None:
    faults = Faults()
    faults.add(None, everywhere := Fault(channel="apns", status=503))
    faults.add("phone", own := Fault(device="phone", status=410))

    assert [faults.take("phone", "apns") for _ in range(3)] == [own, everywhere, None]


def test_a_fault_may_meet_one_push_in_so_many() -> None:
    faults = Faults()
    faults.add(None, third := Fault(channel="fcm", status=503, times=2, every=3))

    assert [faults.take("phone", "fcm") for _ in range(9)] == [None, None, third, None, None, third, None, None, None]


def test_faults_that_would_meet_the_same_push_take_turns() -> None:
    faults = Faults()
    faults.add(None, down := Fault(channel="fcm", status=503, times=0, every=4))
    faults.add(None, busy := Fault(channel="fcm", status=429, times=0, every=4))

    assert [faults.take("phone", "fcm") for _ in range(9)] == [None, None, None, down, busy, None, None, down, busy]


def test_what_waits_says_how_often_still() -> None:
    faults = Faults()
    faults.add("phone", Fault(device="phone", status=503, times=3))
    endless = faults.add(None, Fault(channel="apns", status=500, times=0))
    faults.take("phone", "apns")

    assert [(each.device_id, each.left) for each in faults.waiting()] == [("phone", 2), (None, None)]
    faults.remove(endless)
    assert [each.device_id for each in faults.waiting()] == ["phone"]
