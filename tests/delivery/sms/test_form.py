from urllib.parse import parse_qs

import msgspec
import pytest

from delivery.message import Message
from delivery.sms.form import body, form, is_number
from tests.delivery.sample import PLAIN


def of(**changes: object) -> Message:
    return msgspec.structs.replace(PLAIN, **changes)


def said(message: Message, sender: tuple[str, str] = ("From", "+15005550006")) -> dict[str, list[str]]:
    return parse_qs(form(message, body(message, 2), to="+4915112345678", sender=sender).decode(), strict_parsing=True)


def test_a_request_says_who_what_and_how_long() -> None:
    assert said(PLAIN) == {
        "To": ["+4915112345678"],
        "From": ["+15005550006"],
        "Body": ["Shipped\nYour order is on its way"],
        "ValidityPeriod": ["600"],
    }
    assert said(PLAIN, ("MessagingServiceSid", "MG1"))["MessagingServiceSid"] == ["MG1"]


@pytest.mark.parametrize(("ttl_s", "validity"), [(0, "1"), (-5, "1"), (36_000, "36000"), (2_419_200, "36000")])
def test_a_text_waits_as_long_as_twilio_lets_it(ttl_s: int, validity: str) -> None:
    assert said(of(ttl_s=ttl_s))["ValidityPeriod"] == [validity]


@pytest.mark.parametrize(
    ("title", "message", "text"),
    [
        ("Shipped", "", "Shipped"),
        ("", "On its way", "On its way"),
        (" Two\nlines ", "On\r\nits\0 way\n", "Two lines\nOn\nits way"),
        ("It\u2019s here", "…", "It's here\n..."),
        ("", "", ""),
        ("\x1b", " \n", ""),
    ],
)
def test_the_text_is_title_and_message(title: str, message: str, text: str) -> None:
    assert body(of(title=title, message=message), 2) == text


def test_a_text_is_cut_to_its_segments() -> None:
    assert len(body(of(title="x" * 500, message="y" * 8000), 1)) == 160
    assert len(body(of(title="x" * 500, message="y" * 8000), 10)) == 1530
    assert body(of(title="Shipped", message="👩" * 8000), 1) == "Shipped\n" + "👩" * 30 + "…"


@pytest.mark.parametrize("address", ["+15005550006", "+4915112345678", "+999999999999999", "+3581234"])
def test_a_number_is_international(address: str) -> None:
    assert is_number(address)


@pytest.mark.parametrize(
    "address",
    ["", "+", "15005550006", "0049151", "+0123456789", "+1 500 555", "+1500555000612345", "+123456", "+١٢٣٤٥٦٧٨",
     "+15005550006\n", "whatsapp:+15005550006", "ada@example.com"],
)  # fmt: skip
def test_anything_else_is_none(address: str) -> None:
    assert not is_number(address)
