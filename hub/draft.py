"""What a sender asks for, and what it is answered, as values. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from delivery import ladder
from delivery.ladder import Ladder, Start

Priority = Literal["low", "normal", "high", "critical"]


class Dedupe(msgspec.Struct, frozen=True):
    """A user who got something with this key within the window does not get this one."""

    key: str
    window_s: int


class IdempotencyKey(msgspec.Struct, frozen=True):
    """The sender's own name for one request: the same name and request again is answered as the first time."""

    key: str
    fingerprint: bytes  # SHA-256 of the request


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Users too many for one commit: a topic's members, or a list. They are stored in batches after the answer."""

    planned: int  # how many there are
    topic: str | None = None
    user_ids: Sequence[str] | None = None  # each once
    exclude: Sequence[str] = ()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A notification that was asked for and is not stored yet: for `user_ids` at once, or for an `audience` later."""

    id: UUID
    user_ids: Sequence[str]  # each once
    title: str
    message: str
    data: bytes  # a JSON object
    priority: Priority
    sender: str  # id of the API key
    topic: str | None = None
    expires_in_s: int | None = None
    collapse_key: str | None = None
    dedupe: Dedupe | None = None
    idempotency: IdempotencyKey | None = None
    audience: Audience | None = None
    ladder: Ladder | None = None  # None: the default one
    push_text: str | None = None  # said to providers instead of title, message and data

    @property
    def plain(self) -> bool:
        """Whether storing it looks at nothing that was stored before."""
        extras = (self.collapse_key, self.dedupe, self.idempotency, self.audience)
        return bool(self.user_ids) and extras == (None, None, None, None)


def ladder_of(draft: Draft, ack_deadline_s: float) -> Ladder:
    """Its own, or the default one of its priority."""
    return ladder.default(draft.priority, ack_deadline_s) if draft.ladder is None else draft.ladder


def start_of(draft: Draft, ack_deadline_s: float) -> Start:
    """How its entries begin."""
    if draft.ladder is None:
        return ladder.default_start(draft.priority, ack_deadline_s)
    return ladder.start(draft.ladder)


class Duplicate(msgspec.Struct, frozen=True):
    """A user who had it already, and the notification that brought it."""

    user_id: str
    notification_id: UUID


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draft. It is committed."""

    notification_id: UUID  # of the first one, when every user had it already
    accepted: int  # entries stored
    created_at: datetime
    planned: int | None = None  # users of an audience that is stored in batches
    duplicates: Sequence[Duplicate] = ()
    replayed: bool = False  # it was accepted before, under the same idempotency key


class IdempotencyKeyReusedError(Exception):
    """The key stands for another request."""
