"""`/api/v1/users`: what a user has, for the back end and for support."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import MAX_SEQ, answer, path_user, query_int
from hub.store import inbox
from hub.store.postgres import Pool

PAGE_ENTRIES = 200


class UsersApi:
    """Inbox."""

    def __init__(self, pool: Pool, keys: KeyRing) -> None:
        self._pool = pool
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where the call lives."""
        return [Route("/api/v1/users/{user_id}/inbox", self._keys.guard(self.inbox), methods=["GET"])]

    async def inbox(self, request: Request, _: str) -> Response:
        """A page of entries, newest first; `next` is the `before` of the next page, null on the last."""
        user_id = path_user(request)
        limit = query_int(request, "limit", default=50, low=1, high=PAGE_ENTRIES)
        before = query_int(request, "before", default=MAX_SEQ, low=1, high=MAX_SEQ)
        [position] = await inbox.positions(self._pool, [(user_id, None)])
        entries = await inbox.history(self._pool, user_id, before=before, limit=limit)
        following = entries[-1].seq if len(entries) == limit else None
        return answer(
            {
                "user_id": user_id,
                "head": position.head,
                "unread": position.unread,
                "entries": entries,
                "next": following,
            }
        )
