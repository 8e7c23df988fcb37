"""Whole mails, read as another program would."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.email.account import sender
from delivery.email.address import read
from delivery.email.mail import Mail, mail
from delivery.email.settings import EmailSettings
from tests.delivery.sample import PLAIN

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
SENDER = sender(
    EmailSettings(mail_from="Shop <no-reply@shop.example>", mail_unsubscribe_url="https://shop.example/off/{user_id}")
)

ALWAYS = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Entity-Ref-ID",
    "MIME-Version",
    "Content-Type",
]


def written(to: str = "ada@example.com", **changes: object) -> Mail:
    address = read(to)
    assert address is not None
    found = mail(msgspec.structs.replace(PLAIN, **changes), sender=SENDER, to=address, now=NOW)
    assert found is not None
    return found


def read_back(to: str = "ada@example.com", **changes: object) -> EmailMessage:
    found = message_from_bytes(written(to, **changes).text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def text_of(found: EmailMessage, kind: str) -> str:
    part: Any = found.get_body((kind,))
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_a_mail_has_its_headers_and_both_texts() -> None:
    found = read_back()

    assert found.keys() == ALWAYS
    assert found["From"] == "Shop <no-reply@shop.example>"
    assert found["To"] == "ada@example.com"
    assert found["Subject"] == "Shipped"
    assert found["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Unsubscribe"] == "<https://shop.example/off/ada>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found.get_content_type() == "multipart/alternative"
    assert text_of(found, "plain") == "Shipped\n\nYour order is on its way\n"
    assert "<h1>Shipped</h1>" in text_of(found, "html")


def test_a_second_copy_has_the_id_of_the_first() -> None:
    first = read_back()["Message-ID"]

    assert read_back(unread=9, collapse_key="k")["Message-ID"] == first
    assert first not in {read_back(notification_id="2")["Message-ID"], read_back(user_id="bob")["Message-ID"]}
    assert first.endswith("@shop.example>")
    assert "ada" not in first


def test_what_has_the_same_collapse_key_is_one_thread_of_one_user() -> None:
    def thread(**changes: Any) -> tuple[str | None, str | None, str]:
        found = read_back(**changes)
        return found["In-Reply-To"], found["References"], found["X-Entity-Ref-ID"]

    first = thread(collapse_key="order-42", notification_id="1")

    assert first == thread(collapse_key="order-42", notification_id="2")
    assert first[0] == first[1]
    assert first[2] != thread(collapse_key="order-42", user_id="bob")[2]
    assert thread()[:2] == (None, None)
    assert thread(notification_id="1")[2] != thread(notification_id="2")[2]


def test_a_mailbox_beyond_ascii_stands_in_its_header_as_it_is() -> None:
    assert b"\r\nTo: zo\xc3\xab@example.com\r\n" in written("zoë@example.com").text
    assert written("ada@bücher.example").text.isascii()


def test_a_message_without_anything_to_read_is_no_mail() -> None:
    to = read("ada@example.com")
    assert to is not None
    empty = msgspec.structs.replace(PLAIN, title="", message="\r\n")

    assert mail(empty, sender=SENDER, to=to, now=NOW) is None


ENDS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r\n\r\n", "\r\n.\r\n"]


@pytest.mark.parametrize("end", ENDS)
def test_no_field_can_add_a_header_or_end_the_mail(end: str) -> None:
    attack = f"x{end}Bcc: eve@example.com{end}MAIL FROM:<eve@example.com>"
    found = read_back(title=attack, message=attack, user_id=attack, notification_id=attack, collapse_key=attack)

    assert [name for name in found.keys() if name not in {"In-Reply-To", "References"}] == ALWAYS  # noqa: SIM118
    assert found["To"] == "ada@example.com"
    assert b"\r\n.\r\n" not in written(title=attack, message=attack).text


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_whatever_the_fields_it_is_a_mail_with_those_headers(title: str, text: str, user_id: str, key: str) -> None:
    changes: dict[str, Any] = {"title": f"x{title}", "message": text, "user_id": user_id, "notification_id": key}
    raw = written(**changes).text
    found = read_back(**changes)

    assert set(found.keys()) <= set(ALWAYS)
    assert len(found.keys()) in {len(ALWAYS), len(ALWAYS) - 2}  # an id may be too long for a line
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
