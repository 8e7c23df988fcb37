"""What a chat shows: title and message, as plain text. Pure."""

import msgspec

from delivery.message import Message
from delivery.plain_text import cleaned, one_line


class Text(msgspec.Struct, frozen=True):
    """apprise wants a body; the title may be empty."""

    title: str
    body: str


def text(message: Message) -> Text:
    """Of a message; the body is empty when there is nothing to read."""
    title, body = one_line(message.title), cleaned(message.message).strip()
    return Text(title, body) if body else Text("", title)
