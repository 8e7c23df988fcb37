import pytest

from delivery.plain_text import cleaned, one_line


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x1cb", "a\x85b", "a\u2028b", "a\u2029b", "a\tb", " a  b "]
)
def test_a_line_has_no_end_in_it(text: str) -> None:
    assert one_line(text) in {"a b", "ab"}


def test_what_is_seen_stays_and_controls_do_not() -> None:
    assert cleaned("a\0\x1b[31mb\x7f\ud800\tc\r\nd\re\n👩\u200d👧") == "a[31mb\tc\nd\ne\n👩\u200d👧"


def test_of_all_controls_a_tab_and_a_newline_stay() -> None:
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
    assert {one for one in controls if cleaned(f"a{one}b") != "ab"} == {"\t", "\n", "\r"}
    assert cleaned("\r") == "\n"
