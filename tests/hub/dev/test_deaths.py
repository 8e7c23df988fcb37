"""When a dead child is started again, and when everything stops."""

from hub.dev.deaths import Deaths, GiveUp, StartAgain, how_it_ended


def test_a_death_is_followed_by_a_new_start_after_a_short_pause() -> None:
    assert Deaths().add("hub", "ended", now_s=0) == StartAgain(after_s=0.2)


def test_the_fifth_death_within_a_minute_ends_it_whoever_dies() -> None:
    deaths = Deaths()
    for second, name in enumerate(["postgres", "hub", "worker", "hub"]):
        assert deaths.add(name, "ended", now_s=second) == StartAgain(0.2)
    assert deaths.add("hub", "ended with exit code 3", now_s=60) == GiveUp(
        "5 deaths within 60 s (postgres, hub, worker, hub, hub); the last: hub ended with exit code 3"
    )


def test_deaths_further_apart_than_a_minute_do_not_add_up() -> None:
    deaths = Deaths()
    verdicts = [deaths.add("hub", "ended", now_s=second) for second in range(0, 1000, 16)]
    assert set(verdicts) == {StartAgain(0.2)}


def test_an_end_is_told_in_words() -> None:
    assert how_it_ended(3) == "ended with exit code 3"
    assert how_it_ended(-9) == "was killed by signal 9 (Killed)"
