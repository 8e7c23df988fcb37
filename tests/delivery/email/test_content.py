import html
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.email.content import Content, content
from tests.delivery.sample import PLAIN


def of(**changes: object) -> Content:
    return content(msgspec.structs.replace(PLAIN, **changes))


def linked(url: object) -> Content:
    return of(data=msgspec.Raw(msgspec.json.encode({"url": url})))


def test_the_same_is_said_as_text_and_as_html() -> None:
    shown = of(message="On its way.\nSoon there.", data=msgspec.Raw(b'{"url":"https://shop.example/o?a=1&b=2"}'))

    assert shown.subject == "Shipped"
    assert shown.text == "Shipped\n\nOn its way.\nSoon there.\n\nhttps://shop.example/o?a=1&b=2"
    assert "<h1>Shipped</h1>\n<p>On its way.<br>\nSoon there.</p>\n" in shown.html
    assert '<p><a href="https://shop.example/o?a=1&amp;b=2">shop.example</a></p>' in shown.html


def test_it_loads_nothing_and_looks_right_in_the_dark() -> None:
    shown = linked("https://shop.example/")

    assert set(re.findall(r"https?:", shown.html)) == {"https:"}
    assert shown.html.count("https:") == 1
    assert not re.search(r"<(img|link|script|iframe|object)|\bsrc=|url\(|@import", shown.html)
    assert "prefers-color-scheme: dark" in shown.html


def test_a_message_without_a_title_has_its_beginning_for_a_subject() -> None:
    shown = of(title="", message="Two\nlines" + "é" * 300)

    assert shown.subject == "Two lines" + "é" * 191
    assert shown.text == "Two\nlines" + "é" * 300
    assert "<h1>" not in shown.html


@pytest.mark.parametrize("nothing", ["", " ", "\n", "\0", "\x1b"])
def test_nothing_to_read_is_no_subject(nothing: str) -> None:
    assert of(title=nothing, message=nothing).subject == ""


def test_text_is_never_markup() -> None:
    shown = of(title="<b>&\"'", message="</p><script>alert(1)</script>")

    assert shown.subject == "<b>&\"'"
    assert "<h1>&lt;b&gt;&amp;&quot;&#x27;</h1>" in shown.html
    assert "<p>&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>" in shown.html


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example:8443/a?b#c", "https://shop.example:8443/a?b#c"),
        ("https://shop.example/größe x", "https://shop.example/gr%C3%B6%C3%9Fe%20x"),
        ('https://shop.example/"><script>', "https://shop.example/%22%3E%3Cscript%3E"),
        ("https://shop.example/%2F", "https://shop.example/%2F"),
    ],
)
def test_an_https_url_is_a_link(url: str, link: str) -> None:
    shown = linked(url)

    assert shown.text.endswith(f"\n\n{link}")
    assert f'<a href="{html.escape(link)}">shop.example</a>' in shown.html


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "javascript:alert(1)",
        "//shop.example",
        "/orders/42",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://bücher.example/",
        "https://",
        "https:///x",
        " https://shop.example",
        "https://shop.example/" + "x" * 2000,
        "",
        7,
        None,
        {"x": 1},
    ],
)
def test_anything_else_is_none(url: object) -> None:
    shown = linked(url)

    assert shown.text == "Shipped\n\nYour order is on its way"
    assert "<a" not in shown.html


def test_data_that_is_no_object_has_no_link() -> None:
    assert "<a" not in of(data=msgspec.Raw(b"[1]")).html


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_adds_an_element(title: str, message: str) -> None:
    elements = re.findall(r"<(\w+)", of(title=f"x{title}", message=f"x{message}").html)

    assert set(elements) <= {"html", "head", "meta", "title", "style", "body", "main", "h1", "p", "br"}
    assert elements.count("p") == elements.count("h1") == 1
