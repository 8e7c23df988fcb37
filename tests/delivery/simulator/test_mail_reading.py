from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from delivery.simulator.deliveries import Delivery
from delivery.simulator.mail_reading import Unreadable, receive

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
HEADERS = (
    b"From: Shop <n@shop.example>\r\nTo: ada@example.com\r\nSubject: =?utf-8?q?Z=C3=B6e?=\r\n"
    b"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n"
)
BOTH = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nf\xc3\xbcr dich\r\n"
    b"--x\r\nContent-Type: text/html; charset=latin-1\r\n\r\n<p>f\xfcr dich</p>\r\n--x--\r\n"
)


def delivered(mail: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    found = receive(mail, NOW)
    assert isinstance(found, Delivery)
    assert (found.channel, found.at) == ("email", NOW)
    return msgspec.json.decode(found.payload, type=dict[str, Any]), found.headers


def test_a_mail_is_read_as_a_person_would() -> None:
    payload, headers = delivered(HEADERS + BOTH)

    assert payload == {
        "subject": "Zöe",
        "text": "für dich",
        "html": "<p>für dich</p>",
        "from": "Shop <n@shop.example>",
        "to": "ada@example.com",
    }
    assert headers["message-id"] == "<1@shop.example>"


def test_a_mail_may_have_one_part_only() -> None:
    assert delivered(HEADERS + b"\r\nhello\r\n")[0]["text"] == "hello\n"
    assert delivered(HEADERS + b"\r\nhello\r\n")[0]["html"] is None
    assert delivered(HEADERS + b"Content-Type: text/plain; charset=klingon\r\n\r\nhello\r\n")[0]["text"] is None


def test_a_header_that_came_twice_has_both_values() -> None:
    assert delivered(HEADERS + b"X-A: 1\r\nx-a: 2\r\n\r\n")[1]["x-a"] == "1\n2"


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (b"", "there is no date header"),
        (HEADERS.replace(b"Message-ID", b"X") + b"\r\n", "there is no message-id header"),
        (HEADERS + b"To: eve@example.com\r\n\r\n", "there are several to headers"),
        (HEADERS + b"\r\na\nb\r\n", "bare CR or LF in a line"),
        (HEADERS + b"\r\na\rb\r\n", "bare CR or LF in a line"),
        (HEADERS + b"\r\n" + b"x" * 999 + b"\r\n", "a line of more than 998 bytes"),
    ],
)
def test_a_mail_that_is_none_is_told_why(mail: bytes, reason: str) -> None:
    assert receive(mail, NOW) == Unreadable(reason)
