"""Regular expressions take a time that grows as the text does, however it was made: nobody can have one go round in
circles. They are found in the source, so that each new one is tried."""

import re
import time

import pytest

from tests.security.regexps import Regexp, attacks, of_python, of_scripts

LENGTHS = [*range(8, 48, 2), 1_000, 10_000, 100_000]  # the first for those whose time doubles with a character
NOTICED_S = 0.02  # of processor time
MORE = 3  # times as much as the text became longer; for ten times the text the square takes ten times as much

EVERY = [*of_python(), *of_scripts()]


def test_they_are_found() -> None:
    places = " ".join(one.place for one in EVERY)
    for folder in ("hub/api/", "delivery/email/", "delivery/outbound/", "sessions/", "web_demo/api.py"):
        assert folder in places
    for script in ("sdk/js/hark-sw.js", "sdk/js/src/roads.js", "sdk/js/push.js", "web_demo/static/timeline.js"):
        assert script in places


@pytest.mark.parametrize("regexp", EVERY, ids=[one.place for one in EVERY])
def test_its_time_grows_as_the_text_does(regexp: Regexp) -> None:
    for before, again, end in attacks(regexp.pattern):
        assert not goes_round(regexp, before, again, end), (regexp.pattern.pattern, before, again, end)


@pytest.mark.parametrize("bad", [r"(a+)+b", r"(a|a)*b", r"^(.*a)*$", r"[^x]+x", r"a*a*b", r"(\d+)*\Z"])
def test_one_that_goes_round_would_be_found(bad: str) -> None:
    regexp = Regexp("", re.compile(bad), whole=False)
    assert any(goes_round(regexp, *attack) for attack in attacks(regexp.pattern))


def goes_round(regexp: Regexp, before: str, again: str, end: str) -> bool:
    """Asked for longer and longer texts, and no further than it shows."""
    before_that, took = LENGTHS[0], 0.0
    for length in LENGTHS:
        text = before + again * (length // len(again)) + end
        last, took = took, _seconds(regexp, text)
        most = max(NOTICED_S, MORE * last * length / before_that)
        if took > most and _seconds(regexp, text) > most:  # and not the garbage collector
            return True
        before_that = length
    return False


def _seconds(regexp: Regexp, text: str) -> float:
    started = time.process_time()
    regexp.asks(text)
    return time.process_time() - started
