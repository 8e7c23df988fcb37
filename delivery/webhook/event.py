"""What a webhook tells, and how it is spelt. Pure."""

from datetime import datetime
from typing import Literal, TypeAlias, get_args

import msgspec

EventType: TypeAlias = Literal[
    "notification.delivered",  # a device acknowledged it, for the first time
    "notification.pushed",  # a provider took it: once for each push, mail or text
    "notification.failed",  # its ladder or its time ended, and nobody took it
    "notification.read",  # the user read it
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

TEST = "webhook.test"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened."""

    id: str
    """The same whenever it is told: by it a receiver knows what it has heard before."""
    type: str
    at: datetime
    """When it happened; aware."""
    data: msgspec.Raw
    """A JSON object."""

    def body(self) -> bytes:
        """The payload as Standard Webhooks has it; the same bytes each time."""
        return msgspec.json.encode({"type": self.type, "timestamp": self.at, "data": self.data})
