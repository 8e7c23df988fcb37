"""What a request says to Twilio about a message (Twilio, "Messages resource"). Pure."""

import re
from urllib.parse import urlencode

from delivery.message import Message
from delivery.plain_text import cleaned, one_line
from delivery.sms.segments import fitting, plain

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164

# Seconds that Twilio may keep a text in its queue: all that it takes.
_SHORTEST_S, _LONGEST_S = 1, 36_000


def is_number(address: str) -> bool:
    """Whether a text can be sent to it."""
    return _NUMBER.fullmatch(address) is not None


def body(message: Message, segments: int) -> str:
    """Title and message in at most so many segments; empty when there is nothing to read."""
    parts = one_line(message.title), cleaned(message.message).strip()
    return fitting(plain("\n".join(part for part in parts if part)), segments)


def form(message: Message, text: str, *, to: str, sender: tuple[str, str]) -> bytes:
    """As application/x-www-form-urlencoded."""
    validity_s = min(max(message.ttl_s, _SHORTEST_S), _LONGEST_S)
    return urlencode([("To", to), sender, ("Body", text), ("ValidityPeriod", validity_s)]).encode()
