"""What a child printed, cut into lines."""

from hub.dev.output import KEPT_LINES, LONGEST_LINE, Output


def test_lines_are_shown_when_they_are_complete() -> None:
    shown: list[str] = []
    output = Output(shown.append)
    output.data_received(b"one\ntw")
    assert shown == ["one"]
    output.data_received(b"o\r\n\n")
    assert shown == ["one", "two", ""]


def test_a_last_line_without_an_end_is_shown_when_the_pipe_closes() -> None:
    shown: list[str] = []
    output = Output(shown.append)
    output.data_received("ça alo".encode())
    output.connection_lost(None)
    assert shown == ["ça alo"]
    assert output.closed.is_set()


def test_the_last_lines_are_kept() -> None:
    output = Output(lambda _: None)
    output.data_received(b"".join(b"%d\n" % number for number in range(100)))
    assert list(output.last_lines) == [str(number) for number in range(100 - KEPT_LINES, 100)]


def test_an_endless_line_is_cut() -> None:
    shown: list[str] = []
    Output(shown.append).data_received(b"x" * (LONGEST_LINE + 1))
    assert len(shown[0]) == LONGEST_LINE + 1
