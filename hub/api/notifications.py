"""`/api/v1/notifications`: send, and see how far it came."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import Text, UserId, answer, json_object, parse, path_uuid, query_int
from hub.api.problem import invalid, not_found
from hub.ids import uuid7
from hub.notification import Draft, EntryStatus, Priority, State
from hub.send import Sender
from hub.store import notifications as store
from hub.store.notifications import Attempt
from hub.store.postgres import Pool

STATUS_USERS = 1000


class SendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One notification to one user or to several."""

    title: Annotated[Text, Meta(min_length=1, max_length=500)]
    message: Annotated[Text, Meta(max_length=8000)] = ""
    user_id: UserId | None = None
    user_ids: Annotated[list[UserId], Meta(min_length=1, max_length=10_000)] | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")
    priority: Priority = "normal"


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One user's line: the strongest state reached, when each was, and every attempt."""

    user_id: str
    seq: int
    state: State
    accepted_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    read_at: datetime | None
    pushed_at: datetime | None
    failed_at: datetime | None
    failure: str | None
    attempts: list[Attempt]


class NotificationsApi:
    """Send, find, status."""

    def __init__(self, pool: Pool, keys: KeyRing, sender: Sender) -> None:
        self._pool = pool
        self._keys = keys
        self._sender = sender

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/notifications", guard(self.send), methods=["POST"]),
            Route("/api/v1/notifications/{notification_id}", guard(self.find), methods=["GET"]),
            Route("/api/v1/notifications/{notification_id}/status", guard(self.status), methods=["GET"]),
        ]

    async def send(self, request: Request, sender: str) -> Response:
        """202 once the notification is committed for every user."""
        wanted = await parse(request, SendRequest)
        draft = Draft(
            id=uuid7(),
            user_ids=_audience(wanted),
            title=wanted.title,
            message=wanted.message,
            data=json_object(wanted.data, "$.data"),
            priority=wanted.priority,
            sender=sender,
        )
        stored = await self._sender.send(draft)
        return answer({"notification_id": draft.id, "accepted": len(stored), "created_at": stored[0].created_at}, 202)

    async def find(self, request: Request, _: str) -> Response:
        """The notification, and how many users' entries have come how far."""
        found = await store.find(self._pool, path_uuid(request, "notification_id", "notification"))
        if found is None:
            raise not_found("notification")
        fields = {name: getattr(found, name) for name in found.__struct_fields__ if name != "id"}
        return answer({"notification_id": found.id, **fields})

    async def status(self, request: Request, _: str) -> Response:
        """A page of users ordered by id; `next` is the `after` of the next page, null on the last."""
        notification_id = path_uuid(request, "notification_id", "notification")
        limit = query_int(request, "limit", default=100, low=1, high=STATUS_USERS)
        after = request.query_params.get("after", "")
        if "\0" in after:
            raise invalid("after", "the id of a user")
        users = await store.status(self._pool, notification_id, after_user=after, limit=limit)
        if not users and await store.find(self._pool, notification_id) is None:
            raise not_found("notification")
        lines = _lines(users, await store.attempts(self._pool, users))
        following = users[-1].user_id if len(users) == limit else None
        return answer({"notification_id": notification_id, "users": lines, "next": following})


def _audience(wanted: SendRequest) -> list[str]:
    match wanted.user_id, wanted.user_ids:
        case str(user_id), None:
            return [user_id]
        case None, list(user_ids):
            return list(dict.fromkeys(user_ids))  # a user named twice gets it once
        case _:
            raise invalid("$", "either user_id or user_ids")


def _lines(users: Sequence[EntryStatus], attempts: Sequence[Attempt]) -> list[StatusAnswer]:
    of_user: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        of_user[attempt.user_id].append(attempt)
    return [
        StatusAnswer(
            **{name: getattr(user, name) for name in StatusAnswer.__struct_fields__ if name != "attempts"},
            attempts=of_user[user.user_id],
        )
        for user in users
    ]
