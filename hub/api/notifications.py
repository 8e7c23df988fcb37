"""`/api/v1/notifications/{id}`: what it is, and how far it came."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import answer, path_uuid
from hub.api.operation import operation
from hub.api.problem import not_found
from hub.api.query import TextParameter, page_limit
from hub.api.status import StatusAnswer, statuses
from hub.store import notifications as store
from hub.store.postgres import Pool

STATUS_USERS = 1000

_LIMIT = page_limit(100, STATUS_USERS)
_AFTER = TextParameter(name="after", description="the id of a user")


class StatusPage(msgspec.Struct, frozen=True):
    """A page of users ordered by id; `next` is the `after` of the next page, null on the last."""

    notification_id: UUID
    users: Sequence[StatusAnswer]
    next: str | None


class NotificationsApi:
    """Find, status."""

    def __init__(self, pool: Pool, keys: KeyRing) -> None:
        self._pool = pool
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/notifications/{notification_id}", guard(self.find, "read"), methods=["GET"]),
            Route("/api/v1/notifications/{notification_id}/status", guard(self.status, "read"), methods=["GET"]),
        ]

    @operation("Tell how far a notification is", answers={200: store.Notification}, refusals=[404])
    async def find(self, request: Request, _: str) -> Response:
        """The notification, and how many users' entries have come how far."""
        found = await store.find(self._pool, path_uuid(request, "notification_id", "notification"))
        if found is None:
            raise not_found("notification")
        return answer(found)

    @operation(
        "Tell how far each user's copy is",
        query=[_LIMIT, _AFTER],
        answers={200: StatusPage},
        refusals=[404, 422],
    )
    async def status(self, request: Request, _: str) -> Response:
        """A page of users ordered by id; `next` is the `after` of the next page, null on the last."""
        notification_id = path_uuid(request, "notification_id", "notification")
        limit = _LIMIT.read(request)
        after = _AFTER.read(request)
        users = await statuses(self._pool, notification_id, after_user=after, limit=limit)
        if not users and await store.find(self._pool, notification_id) is None:
            raise not_found("notification")
        following = users[-1].user_id if len(users) == limit else None
        return answer(StatusPage(notification_id, users, following))
