import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.email.address import read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.L+hark@EXAMPLE.com", "Ada.L+hark@example.com"),
        ("!#$%&'*+/?=^_`{|}~-@a.b", "!#$%&'*+/?=^_`{|}~-@a.b"),
        ("ada@localhost", "ada@localhost"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),  # and not strasse.example, somebody else
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("zoë@example.com", "zoë@example.com"),
        ("用户@例子.公益", "用户@xn--fsqu00a.xn--55qw42g"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_is_read(text: str, said: str) -> None:
    assert str(read(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example.com\r\nRCPT TO:<eve@example.com>",
        "ada@example.com\n",
        "ada\r\n@example.com",
        "ada\0@example.com",
        "ada\u2028@example.com",
        "ada\u202e@example.com",
        "ada\u00a0@example.com",
        "ada\ud800@example.com",
        "ada@example.com> SIZE=1",
        "<ada@example.com>",
        "Ada <ada@example.com>",
        "ada@example.com,eve@example.com",
        "ada@eve@example.com",
        '"ada lovelace"@example.com',
        "ada lovelace@example.com",
        "ada(comment)@example.com",
        ".ada@example.com",
        "ada..l@example.com",
        "ada.@example.com",
        "ada@[127.0.0.1]",
        "ada@example..com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@exam_ple.com",
        "ada@exam\0ple.com",
        "ada@exämple\r\n.com",
        "ada@\ud800.com",
        "ada@" + "a" * 64 + ".com",
        "ada@" + "ä." * 2000 + "com",
        "a" * 65 + "@example.com",
        "ü" * 33 + "@example.com",
        "a" * 64 + "@" + "b." * 95 + "c",
        "=?utf-8?q?eve=40evil.example=3E?=@example.com",
        "a" * 100_000,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read(text) is None


@given(st.text(), st.text())
def test_no_text_breaks_it_or_brings_a_blank_along(local: str, domain: str) -> None:
    found = read(f"{local}@{domain}")

    assert found is None or not set(str(found)) & set(' \t\r\n\0<>,;:"()[]\\')


def test_a_local_part_beyond_ascii_is_told_apart() -> None:
    plain, other = read("ada@bücher.example"), read("zoë@example.com")

    assert plain is not None
    assert plain.is_ascii
    assert other is not None
    assert not other.is_ascii
