import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import base64url


@given(st.binary(max_size=100))
def test_what_is_encoded_comes_back(raw: bytes) -> None:
    text = base64url.encode(raw)

    assert "=" not in text
    assert base64url.decode(text) == raw


def test_padding_is_read_too() -> None:
    assert base64url.decode("_w==") == b"\xff"


@pytest.mark.parametrize("text", ["a+b/", "a b", "a\n", "é", "A", "ab=c"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the standard library's own text for some of them)
        base64url.decode(text)
