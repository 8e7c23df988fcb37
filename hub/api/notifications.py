"""`/api/v1/notifications/{id}`: what it is, and how far it came."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import answer, path_uuid, query_int, query_name
from hub.api.problem import not_found
from hub.api.status import statuses
from hub.store import notifications as store
from hub.store.postgres import Pool

STATUS_USERS = 1000


class NotificationsApi:
    """Find, status."""

    def __init__(self, pool: Pool, keys: KeyRing) -> None:
        self._pool = pool
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/notifications/{notification_id}", guard(self.find), methods=["GET"]),
            Route("/api/v1/notifications/{notification_id}/status", guard(self.status), methods=["GET"]),
        ]

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
        after = query_name(request, "after", "the id of a user")
        users = await statuses(self._pool, notification_id, after_user=after, limit=limit)
        if not users and await store.find(self._pool, notification_id) is None:
            raise not_found("notification")
        following = users[-1].user_id if len(users) == limit else None
        return answer({"notification_id": notification_id, "users": users, "next": following})
