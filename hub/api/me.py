"""`/api/v1/users/me`: what a device asks and says about its own user over HTTP, with its user token."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import UserGate
from hub.api.body import MAX_SEQ, answer, parse
from hub.api.origins import Origins
from hub.api.problem import invalid
from hub.live.frames import Seq, Seqs
from hub.live.node import Node
from hub.store import inbox
from hub.store.postgres import Pool
from sessions.user_tokens import UserToken


class AckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entries in (after, seq] were applied. A socket knows from where on; a request has to say."""

    seq: Seq
    after: Annotated[int, Meta(ge=0, le=MAX_SEQ)]


class ReceiptsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a socket says in frames of its own, in one body."""

    ack: AckRequest | None = None
    seen: Seqs | None = None
    read: Seqs | None = None
    read_through: Seq | None = None


class MeApi:
    """Receipts."""

    def __init__(self, pool: Pool, node: Node, users: UserGate, origins: Origins) -> None:
        self._pool = pool
        self._node = node
        self._users = users
        self._origins = origins

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard, gate = self._users.guard, self._origins.gate
        path = "/api/v1/users/me/receipts"
        return [Route(path, guard(self.receipts), methods=["POST", "OPTIONS"], middleware=gate("POST"))]

    async def receipts(self, request: Request, token: UserToken) -> Response:
        """200 once all of it is stored; saying it twice is harmless."""
        said = await parse(request, ReceiptsRequest)
        if said == ReceiptsRequest():
            raise invalid("$", "ack, seen, read or read_through")
        if said.read and said.read_through:
            raise invalid("$", "either read or read_through")
        receipts = self._node.receipts
        if said.ack:
            await receipts.store_ack(token.user_id, after=said.ack.after, upto=said.ack.seq)
        if said.seen:
            await receipts.store(token.user_id, "seen", said.seen)
        if said.read or said.read_through:
            await receipts.store(token.user_id, "read", said.read or (), through=said.read_through or 0)
        [position] = await inbox.positions(self._pool, [(token.user_id, None)])
        return answer({"unread": position.unread, "head": position.head})
