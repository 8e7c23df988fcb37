"""What the load client is asked, and what it answers."""

import pytest

from bench.dialogue import MARK, Dialogue, message
from bench.failure import BenchError
from bench.figures import of_deliveries
from bench.load import Load, Report, Resumed, parse
from tests.bench.sample import REPORT


def test_a_report_becomes_figures() -> None:
    figures = of_deliveries(parse(REPORT, Report))
    assert figures.cpu_us == 6.25
    assert figures.lost == 3  # two messages, and a connection that was never made
    assert figures.beside_us is None  # this server has no database
    assert figures.kib is None


def test_a_resume_is_reported_by_itself() -> None:
    line = (
        b'{"resumed": 9000, "retried": 3, "welcomed_s": 6.1, "seconds": 8.8, "received": 18000, "lost": 0, "twice": 0,'
        b' "cpu_us_per_resume": 808.0}\n'
    )
    assert parse(line, Resumed).seconds == 8.8


@pytest.mark.parametrize("line", [b"", b"Killed\n", b'{"connections": 1}\n'])
def test_what_is_no_report_is_a_failure_and_not_a_zero(line: bytes) -> None:
    with pytest.raises(BenchError, match="the load client said"):
        parse(line, Report)


def test_a_load_is_told_as_options() -> None:
    words = Load(conns=7, messages=3, rate=5.0, each=True, deaf=True, more=("--hold", "1")).arguments()
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["--conns"] == "7"
    assert options["--rate"] == "5.0"
    assert options["--target"] == "each"
    assert options["--deaf"] == "yes"
    assert options["--hold"] == "1"


def test_a_server_gets_the_message_in_its_own_envelope() -> None:
    dialogue = Dialogue(socket="127.0.0.1:1/ws", publish="127.0.0.1:1/pub", body='{"data":{message}}')
    words = dialogue.arguments("Hello")
    assert words[words.index("--body") + 1] == f'{{"data":{message("Hello")}}}'
    assert "--ready" not in words  # the handshake is all


def test_the_time_of_sending_stands_behind_the_mark() -> None:
    assert f"{MARK}{{t}}" in message()
