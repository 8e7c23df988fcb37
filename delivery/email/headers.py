"""What the headers of a mail say (RFC 5322). Pure: it is given the time."""

import hashlib
from datetime import datetime
from email.utils import format_datetime

from delivery.email.account import Sender
from delivery.email.address import Address
from delivery.email.encoded import header_text
from delivery.message import Message

_ID_LENGTH = 32  # 128 bits


def headers(message: Message, subject: str, *, sender: Sender, to: Address, now: datetime) -> list[str]:
    """All but those of the content, one an item; in ASCII unless the address is not. `subject` is one line.

    A second copy has the first one's Message-ID, by which mail servers and programs know it. What has the same
    collapse key answers one and the same mail, which never was, so that programs show it as one thread.
    """
    return [
        f"Date: {format_datetime(now)}",
        f"From: {sender.written}",
        f"To: {to}",
        f"Subject: {header_text(subject)}",
        f"Message-ID: {message_id(message, sender)}",
        *_thread(message, sender),
        *_unsubscribe(message, sender),
        "Auto-Submitted: auto-generated",  # RFC 3834: answered by no machine
        # By this one Gmail tells apart what has the same subject.
        f"X-Entity-Ref-ID: {_digest(message.collapse_id)}",
    ]


def message_id(message: Message, sender: Sender) -> str:
    """Made of notification and user."""
    return _id(message.notification_id, message.user_id, sender=sender)


def _thread(message: Message, sender: Sender) -> list[str]:
    if message.collapse_key is None:
        return []
    first = _id("thread", message.collapse_id, sender=sender)
    return [f"In-Reply-To: {first}", f"References: {first}"]


def _unsubscribe(message: Message, sender: Sender) -> list[str]:
    url = sender.unsubscribe_url(message.user_id)
    return [f"List-Unsubscribe: <{url}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if url else []


def _id(*of: str, sender: Sender) -> str:
    return f"<{_digest(*of)}@{sender.address.domain}>"


def _digest(*of: str) -> str:
    return hashlib.sha256("\0".join(of).encode()).hexdigest()[:_ID_LENGTH]
