"""What is sent and to whom, as a provider sees it. Knows no table and no ladder."""

from typing import Literal

import msgspec

Priority = Literal["low", "normal", "high", "critical"]
Platform = Literal["ios", "android", "web"]


class Message(msgspec.Struct, frozen=True):
    """One inbox entry on its way to a device."""

    notification_id: str
    user_id: str
    seq: int
    cursor: str
    """What a client that applied this entry keeps, to resume after it."""
    title: str
    message: str
    data: msgspec.Raw
    """The sender's JSON object, verbatim; `{}` when there is none."""
    priority: Priority
    ttl_s: int
    """Seconds a provider may keep the message for a device that is away; 0 = now or never."""
    unread: int
    """The user's true unread count when the message was built, for badges."""
    collapse_key: str | None = None
    """The sender's name for what a later message replaces."""
    withheld: bool = False
    """Title, message and data are not the notification's own, which no provider may see."""

    @property
    def collapse_id(self) -> str:
        """What a device shows once at a time for this user: a second copy, or a newer message, replaces the first."""
        return collapse_id(self.notification_id, self.user_id, self.collapse_key)


class Target(msgspec.Struct, frozen=True):
    """One address on one channel."""

    channel: str
    """Which provider speaks to it: `webpush`, `apns`, `fcm`, `email`, `sms`, `chat`."""
    address: str
    """In the channel's own spelling; for `webpush` the JSON text of the PushSubscription. A secret."""
    app: str = ""
    """The app that has this address, for `chat` the service: chooses among several credentials of one channel."""
    platform: Platform | None = None
    """What kind of device it is, for a channel that serves several; None for what is no device."""


def collapse_id(notification_id: str, user_id: str, collapse_key: str | None) -> str:
    """Of the user's copy of a notification."""
    return notification_id if collapse_key is None else f"{user_id}\0{collapse_key}"
