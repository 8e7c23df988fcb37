"""What makes a later push replace an earlier one on the screen, in letters that every provider takes. Pure."""

import hashlib
import re

from delivery import base64url
from delivery.message import Message

_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # 64 bytes is the longest that APNs takes


def collapse_tag(message: Message) -> str:
    """The message's."""
    return tag_of(message.collapse_id)


def tag_of(collapse_id: str) -> str:
    """A collapse id as it is, or hashed unless it is short and plain, as the ids of notifications are."""
    if _PLAIN.fullmatch(collapse_id):
        return collapse_id
    return base64url.encode(hashlib.sha256(collapse_id.encode()).digest())
