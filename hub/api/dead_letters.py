"""`/api/v1/dead-letters`: what nobody took, and trying it again once the cause is mended."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import Text, UserId, answer, parse
from hub.api.operation import operation
from hub.api.problem import invalid
from hub.api.query import BEFORE, TextParameter, next_of, page_limit, read_before
from hub.audit import Deed
from hub.queue import Queue
from hub.store import audit
from hub.store import dead_letters as store
from hub.store.dead_letters import DeadLetter
from hub.store.postgres import Pool, transaction

PAGE = 1000
AT_ONCE = 1000

_LIMIT = page_limit(100, PAGE)
_FAILURE = TextParameter(name="failure", description="a failure")
_START = (datetime.max.replace(tzinfo=UTC), "", 0)


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which: those that all given fields fit. `all` says that no field is meant."""

    notification_id: UUID | None = None
    user_id: UserId | None = None
    failure: Annotated[Text, Meta(max_length=64)] | None = None
    all: bool = False


class DeadLettersAnswer(msgspec.Struct, frozen=True):
    """A page, newest first; `next` is the `before` of the next page, null on the last."""

    dead_letters: Sequence[DeadLetter]
    next: str | None


class ReplayAnswer(msgspec.Struct, frozen=True):
    """How many have a second chance."""

    replayed: int


class DeadLettersApi:
    """List, replay."""

    def __init__(self, pool: Pool, keys: KeyRing, queue: Queue) -> None:
        self._pool = pool
        self._keys = keys
        self._queue = queue

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/dead-letters", guard(self.newest, "read"), methods=["GET"]),
            Route("/api/v1/dead-letters/replay", guard(self.replay, "replay"), methods=["POST"]),
        ]

    @operation(
        "List what nobody took",
        query=[_LIMIT, _FAILURE, BEFORE],
        answers={200: DeadLettersAnswer},
        refusals=[422],
    )
    async def newest(self, request: Request, _: str) -> Response:
        """A page, newest first; `next` is the `before` of the next page, null on the last."""
        limit = _LIMIT.read(request)
        failure = _FAILURE.read(request) or None
        before = read_before(request, _START, tuple[datetime, str, int])
        found = await store.newest(self._pool, before=before, failure=failure, limit=limit)
        last = found[-1] if len(found) == limit else None
        return answer(DeadLettersAnswer(found, next_of((last.failed_at, last.user_id, last.seq)) if last else None))

    @operation(
        "Try dead letters again",
        body=ReplayRequest,
        example={"failure": "exhausted"},
        answers={200: ReplayAnswer},
        refusals=[400, 413, 415, 422],
    )
    async def replay(self, request: Request, sender: str) -> Response:
        """Starts their ladders again; those acknowledged or expired since are left alone."""
        wanted = await parse(request, ReplayRequest)
        if wanted.all == (wanted != ReplayRequest(all=wanted.all)):
            raise invalid("$", 'notification_id, user_id or failure; or "all": true')
        count = 0
        while some := await self._replay_some(wanted, sender):
            count += some
        await self._queue.wake(datetime.now(UTC))
        return answer(ReplayAnswer(count))

    async def _replay_some(self, wanted: ReplayRequest, sender: str) -> int:
        async with transaction(self._pool) as db:
            some = await store.replay(
                db,
                notification_id=wanted.notification_id,
                user_id=wanted.user_id,
                failure=wanted.failure,
                limit=AT_ONCE,
            )
            if some:
                which = {name: str(value) for name, value in msgspec.structs.asdict(wanted).items() if value}
                await audit.append(db, Deed(sender, "dead_letters.replayed", which | {"replayed": some}))
        return some
