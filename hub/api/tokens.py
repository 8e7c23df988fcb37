"""`/api/v1/tokens`: user tokens, with which a device opens its socket."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, Text, UserId, answer, parse
from hub.api.operation import operation
from hub.api.problem import invalid
from sessions.user_tokens import UserTokens

TOKENS_A_SLICE = 200  # signing takes some 20 µs each; between slices the loop has its turn


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom; `topics` are those the device may join. Tokens of one `session_id`, your own id of a sign-in, are
    revoked together."""

    user_id: UserId | None = None
    user_ids: Annotated[list[UserId], Meta(min_length=1, max_length=10_000)] | None = None
    session_id: Annotated[Text, Meta(min_length=1, max_length=255)] | None = None
    topics: Annotated[list[Annotated[Text, Meta(min_length=1, max_length=255)]], Meta(max_length=100)] = []


class TokenAnswer(msgspec.Struct, frozen=True):
    """For one user."""

    token: str
    expires_at: datetime


class TokenOf(msgspec.Struct, frozen=True):
    """One of several."""

    user_id: str
    token: str


class TokensAnswer(msgspec.Struct, frozen=True):
    """For several users, in the order of `user_ids`."""

    tokens: Sequence[TokenOf]
    expires_at: datetime


class TokensApi:
    """Mint. `on_minted` hears the id of the key, and how many tokens it got."""

    def __init__(self, keys: KeyRing, tokens: UserTokens, on_minted: Callable[[str, int], None]) -> None:
        self._keys = keys
        self._on_minted = on_minted
        self._tokens = tokens

    def routes(self) -> Sequence[Route]:
        """Where the call lives."""
        return [Route("/api/v1/tokens", self._keys.guard(self.mint, "tokens"), methods=["POST"])]

    @operation(
        "Mint user tokens",
        body=TokenRequest,
        example={"user_id": "ada", "topics": ["news"]},
        answers={200: (TokenAnswer, TokensAnswer)},
        refusals=[400, 413, 415, 422],
    )
    async def mint(self, request: Request, sender: str) -> Response:
        """One token, or a list of them in the order of `user_ids`."""
        wanted = await parse(request, TokenRequest, limit=LIST_BYTES)
        now = datetime.now(UTC)
        topics = tuple(wanted.topics)
        match wanted.user_id, wanted.user_ids:
            case str(user_id), None:
                token = self._tokens.mint(user_id, topics, now=now, session_id=wanted.session_id or "")
                self._on_minted(sender, 1)
                return answer(TokenAnswer(token, self._tokens.expires_at(now)))
            case None, list(user_ids) if wanted.session_id is None:
                minted = await self._mint_all(user_ids, topics, now)
                self._on_minted(sender, len(minted))
                return answer(TokensAnswer(minted, self._tokens.expires_at(now)))
            case _:
                raise invalid("$", "either user_id, perhaps with session_id, or user_ids")

    async def _mint_all(self, user_ids: list[str], topics: tuple[str, ...], now: datetime) -> list[TokenOf]:
        minted = []
        for place, user_id in enumerate(user_ids, start=1):
            minted.append(TokenOf(user_id, self._tokens.mint(user_id, topics, now=now)))
            if place % TOKENS_A_SLICE == 0:
                await asyncio.sleep(0)
        return minted
