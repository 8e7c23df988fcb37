"""What travels to a mail server, byte by byte: whatever a notification says, it is one mail to one mailbox, with the
headers that we write. Whatever an address says, it is one mailbox or nobody is called."""

import msgspec
import pytest

from delivery.email.provider import Email
from delivery.message import Message, Target
from delivery.outcome import Accepted, Rejected
from tests.delivery.email.scripted import MAIL, Scripted, scripted
from tests.delivery.email.test_mail import ALWAYS
from tests.delivery.sample import PLAIN

# All that ends a line somewhere: for SMTP, for Python (str.splitlines), for Unicode, and for who reads only half of it.
ENDS = {
    "CRLF": "\r\n",
    "LF": "\n",
    "CR": "\r",
    "LFCR": "\n\r",
    "CRCRLF": "\r\r\n",
    "VT": "\x0b",
    "FF": "\x0c",
    "FS": "\x1c",
    "GS": "\x1d",
    "RS": "\x1e",
    "NEL": "\x85",
    "LS": "\u2028",
    "PS": "\u2029",
    "NUL": "\0",
    "a line more": "\r\n\r\n",
    "the end of the mail": "\r\n.\r\n",
    "half an end": "\n.\n",
    "the other half": "\r.\r",
    "of two bytes": "\u0d0a",
    "of full width": "\u560d\u560a",
    "encoded": "%0d%0a",
    "as a word": "=?utf-8?q?=0D=0A?=",
}
HEADER = b"Bcc: eve@example.com"
OF_LETTERS = {"of two bytes", "of full width", "encoded"}  # other characters, as good as any
SAID = ["EHLO", "MAIL", "RCPT", "DATA", MAIL, "QUIT"]


async def sent(server: Scripted, message: Message, address: str = "ada@example.com") -> object:
    email = Email(server.settings(mail_unsubscribe_url="https://shop.example/off/{user_id}"))
    outcome = await email.send(message, Target("email", address))
    await email.aclose()
    return outcome


@pytest.mark.parametrize("end", ENDS)
async def test_no_text_adds_a_header_a_mailbox_or_a_mail(end: str) -> None:
    attack = ENDS[end].join(["x", HEADER.decode(), "RCPT TO:<eve@example.com>", "DATA", "Bcc: eve@example.com"])
    async with scripted() as server:
        message = msgspec.structs.replace(
            PLAIN,
            **dict.fromkeys(("title", "message", "user_id", "notification_id", "collapse_key"), attack),
            data=msgspec.Raw(msgspec.json.encode({"url": f"https://shop.example/{attack}"})),
        )
        assert isinstance(await sent(server, message), Accepted)

    assert server.verbs() == SAID
    assert [line for line in server.heard if "@" in line][1:] == ["RCPT TO:<ada@example.com>"]
    [mail] = server.mails
    assert mail.count(b"\r\n.\r\n") == 1
    assert mail.count(b"\r") == mail.count(b"\n") == mail.count(b"\r\n")
    head = mail.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0].decode() for line in head if not line.startswith(b" ")]
    assert [name for name in names if name not in {"In-Reply-To", "References"}] == ALWAYS
    assert not [line for line in mail.split(b"\r\n") if line.startswith(HEADER) and line in head]


@pytest.mark.parametrize(
    "address",
    [
        *(f"ada@example.com{end}RCPT TO:<eve@example.com>" for end in ENDS.values()),
        *(f"ada{end}@example.com" for name, end in ENDS.items() if name not in OF_LETTERS),
        '"a" <x@example.com>, eve@example.com',
        '"a" <x@example.com>,eve@example.com',
        '"ada@example.com, eve"@example.com',
        "ada@example.com, eve@example.com",
        "ada@example.com;eve@example.com",
        "ada@example.com eve@example.com",
        "ada@example.com>\x20<eve@example.com",
        "<ada@example.com>,<eve@example.com>",
        "friends:ada@example.com,eve@example.com;",
        "@relay.example:ada@example.com",
        "ada%eve.example@example.com\x00",
        "ada@example.com> NOTIFY=SUCCESS ORCPT=rfc822;eve@example.com",
        "ada@example.com(eve@example.com)",
        "=?utf-8?q?ada=40example.com=2C?=@eve@example.com",
        "ada@example.com\uff0ceve@example.com",
        "ada\uff20eve.example@example.com\u2028",
    ],
)
async def test_no_address_is_two(address: str) -> None:
    async with scripted() as server:
        outcome = await sent(server, PLAIN, address)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_address"
    assert server.connections == 0
