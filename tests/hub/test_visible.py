"""What a line shows of the text of others."""

import pytest

from hub.cli.console import fail, say
from hub.visible import visible


@pytest.mark.parametrize("text", ["", "Grüße, 世界 👋", "C:\\x1b", "a\u00a0b"])
def test_what_is_to_be_read_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m\x07", r"\x9b31m\x07"),
        ("\u2028\u202e\u2066", r"\u2028\u202e\u2066"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_does_something_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_commands_show_it_so(capsys: pytest.CaptureFixture[str]) -> None:
    say("shop\x1b[2J\nkey")
    fail("no \x9b31m")
    out, err = capsys.readouterr()
    assert (out, err) == ("shop\\x1b[2J\\nkey\n", "hark: no \\x9b31m\n")
