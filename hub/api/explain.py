"""Why, in words: of a notification that was sent, and of one that might be."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery import ladder
from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, answer, decode, path_uuid, read
from hub.api.operation import operation
from hub.api.problem import invalid, not_found
from hub.api.query import TextParameter
from hub.api.send_request import Drafting, SendRequest
from hub.draft import ladder_of
from hub.explain import Line, explain, foresee
from hub.live.node import Node
from hub.store import explained, notifications
from hub.store.postgres import Pool
from hub.vault import Vault
from sessions import contacts
from sessions import store as sessions

_USER = TextParameter(name="user_id", description="the id of a user", required=True)


class PastAnswer(msgspec.Struct, frozen=True):
    """What happened to a user's copy, in order, and what is to come."""

    notification_id: UUID
    user_id: str
    lines: Sequence[Line]


class FutureAnswer(msgspec.Struct, frozen=True):
    """What would happen."""

    user_id: str
    lines: Sequence[Line]


class ExplainApi:
    """Of one user each; `channels` are those that have credentials in this process's settings."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        keys: KeyRing,
        node: Node,
        drafting: Drafting,
        *,
        ack_deadline_s: float,
        channels: frozenset[str],
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._keys = keys
        self._node = node
        self._drafting = drafting
        self._ack_deadline_s = ack_deadline_s
        self._channels = channels

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route(
                "/api/v1/notifications/{notification_id}/explain",
                guard(self.past, "explain", look="notification.explained"),
                methods=["GET"],
            ),
            Route("/api/v1/explain", guard(self.future, "explain"), methods=["POST"]),
        ]

    @operation(
        "Say why a user did or did not get a notification",
        query=[_USER],
        answers={200: PastAnswer},
        refusals=[404, 422],
    )
    async def past(self, request: Request, _: str) -> Response:
        """What happened to the copy of `user_id`, what is to come, and why."""
        notification_id = path_uuid(request, "notification_id", "notification of this user")
        user_id = _USER.read(request)
        if not user_id:
            raise invalid(_USER.name, _USER.description)
        entry = await explained.find(self._pool, notification_id, user_id)
        if entry is None:
            raise not_found("notification of this user")
        rungs = ladder.default(entry.priority, self._ack_deadline_s) if entry.ladder is None else entry.ladder
        tried = await notifications.attempts(self._pool, [(entry.user_id, entry.seq)])
        return answer(PastAnswer(notification_id, user_id, explain(entry, rungs, tried)))

    @operation(
        "Say what a send would do, without doing it",
        body=SendRequest,
        example={
            "user_id": "ada",
            "title": "Order shipped",
            "ladder": [{"channels": ["push", "email"], "after_s": 60}],
        },
        answers={200: FutureAnswer},
        refusals=[400, 413, 415, 422],
    )
    async def future(self, request: Request, sender: str) -> Response:
        """What a send with this body would do; nothing is stored or sent."""
        wanted = decode(await read(request, with_ids=LIST_BYTES), SendRequest)
        draft = await self._drafting.draft(wanted, sender=sender)
        if wanted.user_id is None:
            raise invalid("$.user_id", "one user")
        targets = await sessions.reachable(self._pool, self._vault, draft.user_ids)
        targets += await contacts.reachable(self._pool, self._vault, draft.user_ids)
        rungs = ladder_of(draft, self._ack_deadline_s)
        connected = self._node.connected(wanted.user_id)
        lines = foresee(rungs, targets, self._channels, connected=connected)
        return answer(FutureAnswer(wanted.user_id, lines))
