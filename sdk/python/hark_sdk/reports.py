"""How far notifications came, why, and a second chance for those that nobody took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Unpack

import msgspec

from hark_sdk.call import Call, decoded, given, path, query
from hark_sdk.notification import Notification, Options


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many users' copies have come this far; one may count in several."""

    planned: int
    accepted: int
    delivered: int
    seen: int
    read: int
    pushed: int
    failed: int
    withdrawn: int


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with its counts."""

    notification_id: str
    title: str
    message: str
    data: dict[str, Any]
    priority: str
    topic: str | None
    collapse_key: str | None
    created_at: datetime
    expires_at: datetime | None
    cancelled_at: datetime | None
    counts: Counts


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at one device or address; `outcome` is None while it is in flight."""

    step: int
    session_id: str
    channel: str
    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str | None
    retry_at: datetime | None


class UserStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One user's copy: the strongest `state` (accepted, pushed, delivered, seen, read, failed, withdrawn), when each
    was, and every attempt."""

    user_id: str
    seq: int
    state: str
    accepted_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None
    pushed_at: datetime | None
    failed_at: datetime | None
    failure: str | None
    withdrawn_at: datetime | None
    withdrawal: str | None
    attempts: Sequence[Attempt]


class StatusPage(msgspec.Struct, frozen=True):
    """In order of the users' ids; `next` is the `after` of the next page, None on the last."""

    notification_id: str
    users: Sequence[UserStatus]
    next: str | None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact, in words. `step` is 0 for what happened in the app, else the place in the ladder."""

    step: int
    what: str
    at: datetime | None = None
    channel: str | None = None
    target_id: str | None = None


class Explanation(msgspec.Struct, frozen=True):
    """Of one user."""

    user_id: str
    lines: Sequence[Fact]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One user's copy that nobody took."""

    notification_id: str
    user_id: str
    seq: int
    failed_at: datetime
    failure: str
    title: str


class DeadLetters(msgspec.Struct, frozen=True):
    """Newest first; `next` is the `before` of the next page, None on the last."""

    dead_letters: Sequence[DeadLetter]
    next: str | None


class Replayed(msgspec.Struct, frozen=True):
    """How many have a second chance."""

    replayed: int


def notification(notification_id: str) -> Call[Stored]:
    """What it is, and how many users' copies came how far."""
    return Call(method="GET", path=path("notifications", notification_id), answer=decoded(Stored))


def status(notification_id: str, *, after: str | None = None, limit: int | None = None) -> Call[StatusPage]:
    """How far each user's copy came, a page at a time."""
    return Call(
        method="GET",
        path=path("notifications", notification_id, "status"),
        query=query(after=after, limit=limit),
        answer=decoded(StatusPage),
    )


def explain(notification_id: str, user_id: str) -> Call[Explanation]:
    """Why this user did or did not get it."""
    return Call(
        method="GET",
        path=path("notifications", notification_id, "explain"),
        query=query(user_id=user_id),
        answer=decoded(Explanation),
    )


def foresee(user_id: str, title: str, **options: Unpack[Options]) -> Call[Explanation]:
    """What `send` with the same arguments would do; nothing is sent."""
    body = Notification(title=title, user_id=user_id, **options)
    return Call(method="POST", path=path("explain"), body=body, answer=decoded(Explanation))


def dead_letters(
    *, failure: str | None = None, before: str | None = None, limit: int | None = None
) -> Call[DeadLetters]:
    """What nobody took, a page at a time."""
    return Call(
        method="GET",
        path=path("dead-letters"),
        query=query(failure=failure, before=before, limit=limit),
        answer=decoded(DeadLetters),
    )


def replay(
    *, notification_id: str | None = None, user_id: str | None = None, failure: str | None = None
) -> Call[Replayed]:
    """Starts the ladders of those dead letters again that all given arguments fit."""
    body = given(notification_id=notification_id, user_id=user_id, failure=failure)
    return Call(method="POST", path=path("dead-letters", "replay"), body=body, answer=decoded(Replayed))


def replay_all() -> Call[Replayed]:
    """Starts the ladders of all dead letters again."""
    return Call(method="POST", path=path("dead-letters", "replay"), body={"all": True}, answer=decoded(Replayed))
