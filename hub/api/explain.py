"""Why, in words: of a notification that was sent, and of one that might be."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery import ladder
from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, answer, decode, path_uuid, query_name, read
from hub.api.problem import invalid, not_found
from hub.api.send_request import Drafting, SendRequest
from hub.draft import ladder_of
from hub.explain import explain, foresee
from hub.live.node import Node
from hub.store import explained, notifications
from hub.store.postgres import Pool
from sessions import contacts
from sessions import store as sessions


class ExplainApi:
    """Of one user each; `channels` are those that have credentials in this process's settings."""

    def __init__(
        self,
        pool: Pool,
        keys: KeyRing,
        node: Node,
        drafting: Drafting,
        *,
        ack_deadline_s: float,
        channels: frozenset[str],
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._node = node
        self._drafting = drafting
        self._ack_deadline_s = ack_deadline_s
        self._channels = channels

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/notifications/{notification_id}/explain", guard(self.past), methods=["GET"]),
            Route("/api/v1/explain", guard(self.future), methods=["POST"]),
        ]

    async def past(self, request: Request, _: str) -> Response:
        """What happened to the copy of `user_id`, what is to come, and why."""
        notification_id = path_uuid(request, "notification_id", "notification")
        user_id = query_name(request, "user_id", "the id of a user")
        if not user_id:
            raise invalid("user_id", "the id of a user")
        entry = await explained.find(self._pool, notification_id, user_id)
        if entry is None:
            raise not_found("notification of this user")
        rungs = ladder.default(entry.priority, self._ack_deadline_s) if entry.ladder is None else entry.ladder
        tried = await notifications.attempts(self._pool, [(entry.user_id, entry.seq)])
        return answer({"notification_id": notification_id, "user_id": user_id, "lines": explain(entry, rungs, tried)})

    async def future(self, request: Request, sender: str) -> Response:
        """What a send with this body would do; nothing is stored or sent."""
        wanted = decode(await read(request, with_ids=LIST_BYTES), SendRequest)
        draft = await self._drafting.draft(wanted, sender=sender)
        if wanted.user_id is None:
            raise invalid("$.user_id", "one user")
        targets = await sessions.reachable(self._pool, draft.user_ids)
        targets += await contacts.reachable(self._pool, draft.user_ids)
        rungs = ladder_of(draft, self._ack_deadline_s)
        connected = self._node.connected(wanted.user_id)
        lines = foresee(rungs, targets, self._channels, connected=connected)
        return answer({"user_id": wanted.user_id, "lines": lines})
