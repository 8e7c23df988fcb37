import quopri
import re
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.email.encoded import header_text, quoted_printable
from delivery.plain_text import cleaned, one_line

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def read_back(value: str) -> str:
    return str(message_from_bytes(f"Subject: {value}\r\n\r\n".encode(), policy=policy.default)["subject"])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Shipped", "Shipped"),
        ("x" * 66, "x" * 66),
        ("x" * 67, f"=?utf-8?b?{'eHh4' * 15}?=\r\n =?utf-8?b?{'eHh4' * 7}eA==?="),
        ("Zoë", "=?utf-8?b?Wm/Dqw==?="),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
    ],
)
def test_a_header_is_plain_where_it_can_be(line: str, value: str) -> None:
    assert header_text(line) == value


@given(ANY_TEXT)
def test_every_line_of_text_comes_back_from_a_header(text: str) -> None:
    line = one_line(text)
    value = header_text(line)

    assert re.fullmatch(r"[\x20-\x7e]{0,76}(\r\n [\x20-\x7e]{1,75})*", value)
    if line:
        assert read_back(value) == line


@given(ANY_TEXT)
def test_every_text_comes_back_from_a_part(text: str) -> None:
    encoded = quoted_printable(text)

    assert quopri.decodestring(encoded).decode() == (cleaned(text).rstrip("\n") + "\n").replace("\n", "\r\n")
    assert re.fullmatch(rb"([\t\x20-\x7e]{0,76}\r\n)+", encoded)
    assert b"\r\n.\r\n" not in encoded
    assert b"=_" not in encoded
