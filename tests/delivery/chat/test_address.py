import pytest

from delivery.chat.address import fault, filled, is_service, is_target

URL = "json://chat.example/of/{target}?rto=3"


@pytest.mark.parametrize("target", ["U0123ABCD", "@ada", "#ada", "-100123:7", "+4915112345678", "!a:b.example", "a=="])
def test_an_address_has_its_place_in_the_url(target: str) -> None:
    made = filled(URL, target)

    assert made is not None
    assert set(made.removeprefix("json://chat.example/of/").removesuffix("?rto=3")).isdisjoint("@#:/?&+")


@pytest.mark.parametrize(
    "target",
    [
        "a/b",
        "..",
        ".a",
        "a,b",
        "a b",
        "a;b",
        "a%2fb",
        "a?b",
        "a&b=c",
        "a\n",
        "a\\b",
        "{target}",
        "ä",
        "@",
        "-#",
        "x" * 256,
    ],
)
def test_what_could_be_more_than_one_address_is_none(target: str) -> None:
    assert not is_target(target)
    assert filled(URL, target) is None


def test_a_service_takes_an_address_or_has_one_place() -> None:
    assert filled("json://chat.example", "") == "json://chat.example"
    assert filled("json://chat.example", "ada") is None
    assert filled(URL, "") is None


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("json://{target}", "before its path"),
        ("json://{target}@chat.example/x", "before its path"),
        ("json://chat.example{target}/x", "before its path"),
        ("json://chat.example/{target}/{target}", "more than once"),
        ("chat.example/{target}", "not of the form"),
        ("json://chat.example/{target}", None),
        ("json://chat.example?to={target}", None),
    ],
)
def test_an_address_chooses_neither_host_nor_user(url: str, wrong: str | None) -> None:
    assert (fault(url) or "").endswith(wrong or "") if wrong is None else wrong in (fault(url) or "")


@pytest.mark.parametrize(("name", "good"), [("slack", True), ("on-call_2", True), ("Slack", False), ("a/b", False)])
def test_a_service_has_a_plain_name(name: str, good: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_service(name) == good
