from datetime import UTC, datetime

import msgspec

from delivery.simulator.deliveries import PER_DEVICE, Deliveries, Delivery

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def sent(number: int) -> Delivery:
    return Delivery("webpush", msgspec.Raw(str(number).encode()), {}, NOW)


def numbers(deliveries: list[Delivery]) -> list[int]:
    return [msgspec.json.decode(delivery.payload, type=int) for delivery in deliveries]


def test_a_device_that_was_sent_nothing_has_an_empty_history() -> None:
    deliveries = Deliveries()

    assert deliveries.sent("phone") == deliveries.shown("phone") == []


def test_a_topic_replaces_what_is_shown_and_moves_it_to_the_end() -> None:
    deliveries = Deliveries()
    for number, topic in enumerate(["a", "b", None, None, "a"]):
        deliveries.record("phone", sent(number), topic=topic)
    deliveries.record("tablet", sent(9), topic="b")

    assert numbers(deliveries.sent("phone")) == [0, 1, 2, 3, 4]
    assert numbers(deliveries.shown("phone")) == [1, 2, 3, 4]
    assert numbers(deliveries.shown("tablet")) == [9]


def test_a_device_remembers_its_last_thousand() -> None:
    deliveries = Deliveries()
    for number in range(PER_DEVICE + 1):
        deliveries.record("phone", sent(number), topic=None)

    assert numbers(deliveries.sent("phone")) == list(range(1, PER_DEVICE + 1))
    assert numbers(deliveries.shown("phone")) == list(range(1, PER_DEVICE + 1))


def test_the_device_pushed_to_longest_ago_is_forgotten_first() -> None:
    deliveries = Deliveries(devices=2)
    for number, name in enumerate(["old", "busy", "old", "new"]):
        deliveries.record(name, sent(number), topic=None)

    assert [numbers(deliveries.sent(name)) for name in ("old", "busy", "new")] == [[0, 2], [], [3]]


def test_all_devices_together_are_bounded() -> None:
    deliveries = Deliveries(in_all=3)
    for number, name in enumerate(["old", "old", "new", "new", "new", "new"]):
        deliveries.record(name, sent(number), topic=None)

    assert [numbers(deliveries.sent(name)) for name in ("old", "new")] == [[], [2, 3, 4, 5]]


def test_what_is_closed_stays_in_the_history() -> None:
    deliveries = Deliveries()
    for number in range(3):
        deliveries.record("phone", sent(number), topic=None)
    deliveries.close("phone", lambda delivery: bytes(delivery.payload) == b"1")
    deliveries.close("nobody", lambda _: True)

    assert numbers(deliveries.shown("phone")) == [0, 2]
    assert numbers(deliveries.sent("phone")) == [0, 1, 2]


def test_the_device_that_was_sent_something_last_comes_first() -> None:
    deliveries = Deliveries()
    for number, name in enumerate(["phone", "tablet", "phone"]):
        deliveries.record(name, sent(number), topic=None)

    assert deliveries.latest(5) == ["phone", "tablet"]
    assert deliveries.latest(1) == ["phone"]
    assert (deliveries.count("phone"), deliveries.count("watch")) == (2, 0)
