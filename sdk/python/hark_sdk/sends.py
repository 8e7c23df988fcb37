"""Sending, and taking back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack
from uuid import uuid4

import msgspec

from hark_sdk.call import Call, decoded, path, query
from hark_sdk.errors import Fault, Problem, Refused
from hark_sdk.notification import Notification, Options
from hark_sdk.reports import UserStatus


class Duplicate(msgspec.Struct, frozen=True):
    """A user who had it already, and the notification that brought it."""

    user_id: str
    notification_id: str


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """It is committed. `planned`: users of a large audience, who are stored later. `users`: when you waited."""

    notification_id: str
    accepted: int
    created_at: datetime
    planned: int | None = None
    duplicates: Sequence[Duplicate] = ()
    users: Sequence[UserStatus] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one notification of a batch: it has an id, or an `error`."""

    status: int
    notification_id: str | None = None
    accepted: int = 0
    planned: int | None = None
    duplicates: Sequence[Duplicate] = ()
    title: str = ""
    detail: str = ""
    errors: Sequence[Fault] = ()

    @property
    def error(self) -> Refused | None:
        """Why it was refused."""
        if self.notification_id is not None:
            return None
        return Refused(self.status, Problem(self.title, self.detail, self.errors))


class BatchAccepted(msgspec.Struct, frozen=True):
    """An answer for each, in order."""

    accepted: int
    failed: int
    notifications: Sequence[Line]


class Withdrawn(msgspec.Struct, frozen=True):
    """How many users' entries are shown no more."""

    notification_id: str
    withdrawn: int


def send(
    user_id: str,
    title: str,
    *,
    wait_s: int | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Call[Accepted]:
    """Sends to one user. It is committed when this returns; with `wait_s` (1 to 60) this returns as soon as a device or
    a provider has it, or nobody will bring it, or the time is over: `users` says what is known."""
    return _sent(Notification(title=title, user_id=user_id, **options), wait_s, idempotency_key)


def send_to_users(
    user_ids: Sequence[str],
    title: str,
    *,
    wait_s: int | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Call[Accepted]:
    """Sends to up to 10,000 users; as `send`, but up to 100 users can be waited for."""
    return _sent(Notification(title=title, user_ids=user_ids, **options), wait_s, idempotency_key)


def send_to_topic(
    topic: str,
    title: str,
    *,
    exclude: Sequence[str] = (),
    wait_s: int | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Call[Accepted]:
    """Sends to the members of a topic; as `send_to_users`."""
    return _sent(Notification(title=title, topic=topic, exclude=exclude, **options), wait_s, idempotency_key)


def send_batch(notifications: Sequence[Notification], *, idempotency_key: str | None = None) -> Call[BatchAccepted]:
    """Sends up to 1,000 different ones. What is wrong with one does not touch the others: look at `failed`."""
    return Call(
        method="POST",
        path=path("notifications", "batch"),
        body={"notifications": notifications},
        headers=_once(idempotency_key),
        answer=decoded(BatchAccepted),
    )


def cancel(notification_id: str) -> Call[Withdrawn]:
    """Takes it back from everybody: what is shown goes, what was not pushed is not pushed."""
    return Call(method="DELETE", path=path("notifications", notification_id), answer=decoded(Withdrawn))


def _sent(notification: Notification, wait_s: int | None, idempotency_key: str | None) -> Call[Accepted]:
    return Call(
        method="POST",
        path=path("notifications"),
        query={} if wait_s is None else query(wait="delivered", timeout_s=wait_s),
        body=notification,
        headers=_once(idempotency_key),
        waits_s=wait_s or 0,
        answer=decoded(Accepted),
    )


def _once(idempotency_key: str | None) -> dict[str, str]:
    """A call without a key gets one for its own retries."""
    return {"Idempotency-Key": idempotency_key or str(uuid4())}
