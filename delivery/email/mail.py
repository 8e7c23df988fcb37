"""A mail as it travels: who it is from and to, and its bytes. Pure: it is given the time."""

from datetime import datetime

import msgspec

from delivery.email.account import Sender
from delivery.email.address import Address
from delivery.email.content import Content, content
from delivery.email.encoded import quoted_printable
from delivery.email.headers import headers, message_id
from delivery.message import Message


class Mail(msgspec.Struct, frozen=True):
    """One message to one mailbox."""

    sender: str
    to: Address
    text: bytes
    """RFC 5322, with CRLF at the end of every line, and no line longer than that allows."""


def mail(message: Message, *, sender: Sender, to: Address, now: datetime) -> Mail | None:
    """None for a message without anything to read."""
    shown = content(message)
    if not shown.subject:
        return None
    lines = headers(message, shown.subject, sender=sender, to=to, now=now)
    # Quoted-printable never has "=_".
    boundary = f"=_{message_id(message, sender)[1:17]}"
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', "", ""]
    return Mail(str(sender.address), to, "\r\n".join(lines).encode() + _parts(shown, boundary.encode()))


def _parts(shown: Content, boundary: bytes) -> bytes:
    """The plain text first, for a program shows the last that it can."""
    parts = ((b"plain", shown.text), (b"html", shown.html))
    return b"".join(_part(kind, text, boundary) for kind, text in parts) + b"--%b--\r\n" % boundary


def _part(kind: bytes, text: str, boundary: bytes) -> bytes:
    return (
        b"--%b\r\n"
        b"Content-Type: text/%b; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"%b\r\n" % (boundary, kind, quoted_printable(text))
    )
