"""A mail as a mail program reads it, and what a strict server finds wrong with it (RFC 5322). Pure."""

from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

import msgspec

from delivery.simulator.deliveries import Delivery

MAX_LINE_BYTES = 998  # RFC 5322 section 2.1.1
_REQUIRED = ("date", "from", "message-id", "subject", "to")


class Unreadable(msgspec.Struct, frozen=True):
    """Why a mail is not taken."""

    reason: str


class _Payload(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    subject: str
    text: str | None
    html: str | None
    sender: str
    to: str


def receive(mail: bytes, now: datetime) -> Delivery | Unreadable:
    """What a mailbox gets; a header that came twice has both values, on two lines."""
    fault = _form_fault(mail)
    if fault:
        return Unreadable(fault)
    found = message_from_bytes(mail)
    headers: dict[str, str] = {}
    for name, value in found.raw_items():
        earlier = headers.get(name.lower())
        headers[name.lower()] = _text(value) if earlier is None else f"{earlier}\n{_text(value)}"
    fault = _header_fault(headers)
    if fault:
        return Unreadable(fault)
    payload = _Payload(
        headers["subject"], _part(found, "text/plain"), _part(found, "text/html"), headers["from"], headers["to"]
    )
    return Delivery("email", msgspec.Raw(msgspec.json.encode(payload)), headers, now)


def _form_fault(mail: bytes) -> str | None:
    lines = mail.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line for line in lines):
        return "bare CR or LF in a line"
    if max(map(len, lines)) > MAX_LINE_BYTES:
        return f"a line of more than {MAX_LINE_BYTES} bytes"
    return None


def _header_fault(headers: dict[str, str]) -> str | None:
    missing = next((name for name in _REQUIRED if name not in headers), None)
    if missing:
        return f"there is no {missing} header"
    twice = next((name for name in _REQUIRED if "\n" in headers[name]), None)
    return f"there are several {twice} headers" if twice else None


def _text(value: str) -> str:
    """A header's value on one line, whether it was encoded (RFC 2047) or stands there as it is (RFC 6532)."""
    line = "".join(value.splitlines()).encode(errors="surrogateescape").decode(errors="replace")
    try:
        return str(make_header(decode_header(line)))
    except (HeaderParseError, LookupError, UnicodeError):
        return line


def _part(mail: Message, kind: str) -> str | None:
    """Of the first part of that kind; None when there is none, or nobody knows its charset."""
    part = next((part for part in mail.walk() if part.get_content_type() == kind), None)
    content = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(content, bytes):
        return None
    try:
        return content.decode(part.get_content_charset("ascii"), errors="replace").replace("\r\n", "\n")
    except LookupError:
        return None
