"""What a sender says about one notification."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

import msgspec

Priority: TypeAlias = Literal["low", "normal", "high", "critical"]
Channel: TypeAlias = Literal["push", "webpush", "apns", "fcm", "email", "sms", "chat"]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"condition": "if"}):
    """`after_s` seconds after it was accepted, if the user has not noticed: over these channels."""

    channels: Sequence[Channel]
    after_s: float = 0.0
    condition: Literal["unacked", "unseen", "unread"] = "unacked"
    targets: Literal["all", "first"] = "all"


class Dedupe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who got the same within the window does not get it again; without a key: the same title, message and data."""

    key: str | None = None
    window_s: int = 3 * 3600


class Options(TypedDict, total=False):
    """What every way to send takes beside its title."""

    message: str
    data: Mapping[str, Any]  # a JSON object, for the devices
    priority: Priority
    expires_in_s: int
    collapse_key: str  # it takes the place of the same user's unread ones with this key
    dedupe: Dedupe
    ladder: Sequence[Step]  # what follows when the user does not notice; empty: nothing
    push_text: str  # what lock screens and providers see instead of title, message and data


class Notification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One notification, to one of `user_id`, `user_ids` and `topic`."""

    title: str
    user_id: str | None = None
    user_ids: Sequence[str] | None = None
    topic: str | None = None
    exclude: Sequence[str] = ()  # of the topic's members
    message: str = ""
    data: Mapping[str, Any] | None = None
    priority: Priority = "normal"
    expires_in_s: int | None = None
    collapse_key: str | None = None
    dedupe: Dedupe | None = None
    ladder: Sequence[Step] | None = None
    push_text: str | None = None
