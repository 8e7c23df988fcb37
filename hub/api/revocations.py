"""`/api/v1/revocations`: the end of user tokens before their time, on all nodes; what is in force, and undoing it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, Text, UserId, answer, parse, path_uuid
from hub.api.operation import operation
from hub.api.problem import invalid, not_found
from hub.api.query import BEFORE, next_of, page_limit, read_before
from hub.audit import Deed
from hub.hint import REVOKED
from hub.live.node import Node
from hub.store import audit, revocations
from hub.store.postgres import Pool, transaction
from hub.store.revocations import START, InForce, Place
from sessions.revocations import Kind
from sessions.user_tokens import LEEWAY_S

MOST_USERS = 1000
NAMED = 100  # in the audit log
PAGE = 1000

_LIMIT = page_limit(100, PAGE)

_Id = Annotated[Text, Meta(min_length=1, max_length=255)]


class RevocationRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose tokens: a user's, several users', those of a sign-in (`session_id`, the claim `sid`), or one (`token_id`,
    its claim `jti`). Those that were issued before `issued_before` are revoked; without it, all there are."""

    user_id: UserId | None = None
    user_ids: Annotated[list[UserId], Meta(min_length=1, max_length=MOST_USERS)] | None = None
    session_id: _Id | None = None
    token_id: _Id | None = None
    issued_before: Annotated[datetime, Meta(tz=True)] | None = None


class RevocationAnswer(msgspec.Struct, frozen=True):
    """Until when it is remembered: by then every token it concerns has expired."""

    forgotten_at: datetime


class RevocationsAnswer(msgspec.Struct, frozen=True):
    """A page, newest first; `next` is the `before` of the next page, null on the last."""

    revocations: Sequence[InForce]
    next: str | None


class RevocationsApi:
    """Revoke, list, undo."""

    def __init__(self, pool: Pool, keys: KeyRing, node: Node) -> None:
        self._pool = pool
        self._keys = keys
        self._node = node

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard, all_ = self._keys.guard, "/api/v1/revocations"
        return [
            Route(all_, guard(self.revoke, "revoke"), methods=["POST"]),
            Route(all_, guard(self.in_force, "revoke"), methods=["GET"]),
            Route(f"{all_}/{{revocation_id}}", guard(self.undo, "revoke"), methods=["DELETE"]),
        ]

    @operation(
        "Revoke user tokens",
        body=RevocationRequest,
        example={"user_id": "ada"},
        answers={201: RevocationAnswer},
        refusals=[400, 413, 415, 422],
    )
    async def revoke(self, request: Request, sender: str) -> Response:
        """201 once it is stored. Every node then closes what was opened with such a token, and lets nobody in with one.
        Tokens that are issued later are good."""
        wanted = await parse(request, RevocationRequest, limit=LIST_BYTES)
        kind, subjects = _subjects(wanted)
        if wanted.issued_before is not None:
            if kind == "token":
                raise invalid("$.issued_before", "nothing with token_id")
            if wanted.issued_before > datetime.now(UTC) + timedelta(seconds=LEEWAY_S):
                raise invalid("$.issued_before", "a time that has come")
        async with transaction(self._pool) as db:
            forgotten_at = await revocations.revoke(db, kind, subjects, before=wanted.issued_before)
            await audit.append(db, Deed(sender, "tokens.revoked", {kind: subjects[:NAMED], "revoked": len(subjects)}))
        await self._tell()
        return answer(RevocationAnswer(forgotten_at), 201)

    @operation("List revocations", query=[_LIMIT, BEFORE], answers={200: RevocationsAnswer}, refusals=[422])
    async def in_force(self, request: Request, _: str) -> Response:
        """Those that still refuse tokens, newest first: a user, a sign-in or a token once, however often it was
        revoked."""
        limit = _LIMIT.read(request)
        found = await revocations.in_force(self._pool, behind=read_before(request, START, Place), limit=limit)
        return answer(RevocationsAnswer(found.revocations, None if found.next is None else next_of(found.next)))

    @operation("Undo a revocation", answers={204: None}, refusals=[404])
    async def undo(self, request: Request, sender: str) -> Response:
        """204; its tokens that have not expired are good again, on all nodes. 404 when the same was revoked since: that
        is another revocation."""
        revocation_id = path_uuid(request, "revocation_id", "revocation")
        async with transaction(self._pool) as db:
            undone = await revocations.undo(db, revocation_id)
            told = {"revocation_id": str(revocation_id), **undone}
            await audit.append(db, Deed(sender, "revocation.undone", told, bool(undone)))
        if not undone:
            raise not_found("revocation")
        await self._tell()
        return Response(status_code=204)

    async def _tell(self) -> None:
        self._node.revoked.soon()
        await self._node.bus.publish([(REVOKED, b"")])


def _subjects(wanted: RevocationRequest) -> tuple[Kind, Sequence[str]]:
    match wanted.user_id, wanted.user_ids, wanted.session_id, wanted.token_id:
        case str(user_id), None, None, None:
            return "user", [user_id]
        case None, list(user_ids), None, None:
            return "user", user_ids
        case None, None, str(session_id), None:
            return "session", [session_id]
        case None, None, None, str(token_id):
            return "token", [token_id]
        case _:
            raise invalid("$", "one of user_id, user_ids, session_id and token_id")
