from datetime import UTC, datetime, timedelta

from delivery.simulator.gone import Gone

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_who_left_is_gone_since_the_first_time_until_it_comes_back() -> None:
    gone = Gone()
    gone.leave("phone", NOW)
    gone.leave("phone", NOW + timedelta(days=1))

    assert (gone.since("phone"), gone.since("tablet")) == (NOW, None)
    gone.come_back("phone")
    gone.come_back("tablet")
    assert gone.since("phone") is None


def test_only_so_many_are_remembered() -> None:
    gone = Gone(devices=2)
    for name in ("first", "second", "third"):
        gone.leave(name, NOW)

    assert [gone.since(name) for name in ("first", "second", "third")] == [None, NOW, NOW]
