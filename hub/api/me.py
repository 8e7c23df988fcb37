"""`/api/v1/users/me`: what a device asks and says about its own user over HTTP, with its user token."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api import room
from hub.api.auth import UserGate, unauthorised
from hub.api.body import MAX_SEQ, answer, parse, parse_cursor
from hub.api.operation import operation
from hub.api.origins import Origins
from hub.api.problem import Problem, invalid
from hub.api.query import ARCHIVED, IntParameter, TextParameter, page_limit
from hub.live.close_codes import CloseCode
from hub.live.frames import Focus, Seq, Seqs
from hub.live.node import Node
from hub.live.poll import LONGEST_WAIT_S, Look, Poll
from hub.live.refusal import Refused
from hub.notification import Entry
from hub.store import inbox
from hub.store.postgres import Pool
from sessions.user_tokens import UserToken

PAGE_ENTRIES = 200
HISTORY_ENTRIES = 50  # a screenful or two

T = TypeVar("T")

_AFTER = TextParameter(name="after", description='The `cursor` of the last entry applied, or "0".')
_WAIT = IntParameter(name="wait", default=0, low=0, high=LONGEST_WAIT_S, description="Seconds to wait for an entry.")
_BEFORE = IntParameter(
    name="before",
    default=MAX_SEQ,
    low=1,
    high=MAX_SEQ,
    description="Page back: entries with a smaller `seq`, 50 unless `limit` says more. Not with `after` and `wait`.",
)
_LIMIT = page_limit(PAGE_ENTRIES, PAGE_ENTRIES)
_HISTORY_LIMIT = page_limit(HISTORY_ENTRIES, PAGE_ENTRIES)


class AckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entries in (after, seq] were applied. A socket knows from where on; a request has to say."""

    seq: Seq
    after: Annotated[int, Meta(ge=0, le=MAX_SEQ)]
    focus: Focus | None = None


class ReceiptsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a socket says in frames of its own, in one body."""

    ack: AckRequest | None = None
    seen: Seqs | None = None
    read: Seqs | None = None
    read_through: Seq | None = None
    archive: Seqs | None = None
    unarchive: Seqs | None = None


class Gap(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """These entries are gone (expired)."""

    first: int
    last: int


class InboxAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is there after a cursor, oldest first, and the cursor to continue with."""

    entries: Annotated[list[msgspec.Raw], Meta(extra_json_schema={"items": {"$ref": "#/components/schemas/Entry"}})]
    cursor: str
    head: int
    unread: int
    reset: bool = False
    gaps: list[Gap] = []
    archive_rev: int = 0


class HistoryAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of entries, newest first; `next` is the `before` of the next page, null on the last."""

    entries: list[Entry]
    next: int | None
    head: int
    unread: int
    archive_rev: int = 0


class ReceiptsAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The inbox after it. `unread` counts up to `head`."""

    unread: int
    head: int
    archive_rev: int = 0


class MeApi:
    """Inbox, receipts."""

    def __init__(self, pool: Pool, node: Node, users: UserGate, origins: Origins) -> None:
        self._pool = pool
        self._node = node
        self._users = users
        self._origins = origins

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard, gate = self._users.guard, self._origins.gate
        me = "/api/v1/users/me"
        return [
            Route(f"{me}/inbox", guard(self.inbox), methods=["GET", "OPTIONS"], middleware=gate("GET")),
            Route(f"{me}/receipts", guard(self.receipts), methods=["POST", "OPTIONS"], middleware=gate("POST")),
        ]

    @operation(
        "Ask for what came (long poll), or page back",
        query=[_AFTER, _WAIT, _BEFORE, _LIMIT, ARCHIVED],
        answers={200: (InboxAnswer, HistoryAnswer)},
        refusals=[403, 422, 429, 503],
    )
    async def inbox(self, request: Request, token: UserToken) -> Response:
        """A long poll: at once when there is something, else when something comes, at the latest after `wait`.
        With `before` or `archived`: a page of what came earlier."""
        if not {"before", "archived"}.isdisjoint(request.query_params):
            return await self._history(request, token.user_id)
        after = request.query_params.get("after")
        cursor = None if after is None else parse_cursor(after, "after")
        wait_s = _WAIT.read(request)
        limit = _LIMIT.read(request)
        if not self._node.has_room():
            raise room.full()
        looking = self._node.poll(Poll(), token, cursor, wait_s=wait_s, limit=limit)
        try:
            found = await _unless_left(request, looking)
        except Refused as refused:
            raise _refused(refused) from None
        return _shown(found) if found else Response(status_code=204)  # nobody is there to hear it

    async def _history(self, request: Request, user_id: str) -> Response:
        before = _BEFORE.read(request)
        limit = _HISTORY_LIMIT.read(request)
        archived = ARCHIVED.read(request)
        for name in ("after", "wait"):
            if name in request.query_params:
                raise invalid(name, "not together with before or archived")
        [position] = await inbox.positions(self._pool, [(user_id, None)])
        entries = await inbox.history(self._pool, user_id, before=before, limit=limit, archived=archived)
        following = entries[-1].seq if len(entries) == limit else None
        return _kept_by_nobody(HistoryAnswer(entries, following, position.head, position.unread, position.archive_rev))

    @operation(
        "Say what was applied, seen, read and archived",
        body=ReceiptsRequest,
        example={"ack": {"seq": 1, "after": 0}, "seen": [1], "read": [1]},
        answers={200: ReceiptsAnswer},
        refusals=[400, 403, 413, 415, 422, 503],
    )
    async def receipts(self, request: Request, token: UserToken) -> Response:
        """200 once all of it is stored; saying it twice is harmless."""
        said = await parse(request, ReceiptsRequest)
        if said == ReceiptsRequest():
            raise invalid("$", "ack, seen, read, read_through, archive or unarchive")
        if said.read and said.read_through:
            raise invalid("$", "either read or read_through")
        receipts = self._node.receipts
        if said.ack:
            background = said.ack.focus in {"hidden", "idle"}
            await receipts.store_ack(token.user_id, after=said.ack.after, upto=said.ack.seq, background=background)
        if said.seen:
            await receipts.store(token.user_id, "seen", said.seen)
        if said.read or said.read_through:
            await receipts.store(token.user_id, "read", said.read or (), through=said.read_through or 0)
        if said.archive:
            await receipts.store(token.user_id, "archived", said.archive)
        if said.unarchive:
            await receipts.store(token.user_id, "unarchived", said.unarchive)
        [position] = await inbox.positions(self._pool, [(token.user_id, None)])
        return answer(ReceiptsAnswer(position.unread, position.head, position.archive_rev))


def _refused(refused: Refused) -> Problem:
    if refused.code is CloseCode.EXPIRED:
        return unauthorised(str(refused))
    return Problem(429, str(refused), headers={"Retry-After": room.RETRY_AFTER_S})


def _shown(found: Look) -> Response:
    return _kept_by_nobody(
        InboxAnswer(
            entries=[msgspec.Raw(entry) for entry in found.entries],
            cursor=found.cursor,
            head=found.head,
            unread=found.unread,
            reset=found.reset,
            gaps=[Gap(first, last) for first, last in found.gaps],
            archive_rev=found.archive_rev,
        )
    )


def _kept_by_nobody(content: InboxAnswer | HistoryAnswer) -> Response:
    response = answer(content)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """What comes of the work; None when the client leaves before that, which ends the work."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
