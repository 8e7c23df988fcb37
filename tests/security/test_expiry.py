"""Tokens whose time is over while their devices are connected, by every road."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import msgspec
from websockets.exceptions import ConnectionClosed

from hub.live.close_codes import CloseCode
from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.device import Device, device
from tests.hub_process import Customer
from tests.listener import listener

SETTINGS = UserTokenSettings(token_secret="a secret of at least 32 characters")
TOKENS = UserTokens(SETTINGS)
SOCKETS = int(os.environ.get("HARK_TEST_SOCKETS", "200"))
OPENING_S = 5.0 + SOCKETS / 100  # that it takes a slow machine to connect them all
NOT_THE_WHEEL_S = 20.0  # pings come less often: what is over before, its own clock has ended
StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


def token_until(user_id: str, ends_at: datetime) -> str:
    """A token whose `exp` is then."""
    return TOKENS.mint(user_id, (), now=ends_at - timedelta(seconds=SETTINGS.token_ttl_s))


def in_seconds(seconds: float) -> datetime:
    """A whole second, as `exp` is."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=round(seconds))


class Page:
    """Of one user: it listens all the time, and so answers pings."""

    def __init__(self, hub: Customer, user_id: str, token: str, *, renews: bool) -> None:
        self._hub = hub
        self.user_id = user_id
        self._token = token
        self._renews = renews
        self.opened = asyncio.Event()
        self.told = asyncio.Event()
        self.asked = 0  # how often for another token
        self.closed: tuple[int, float] | None = None  # with which code, and when

    async def live(self) -> None:
        """Until the hub closes it."""
        async with device(self._hub.url, self._token) as page:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self._hear(page, await page.heard())
            self.closed = await page.closed(), time.time()

    async def _hear(self, page: Device, frame: dict[str, object]) -> None:
        match frame["t"]:
            case "welcome":
                self.opened.set()
            case "msg":
                self.told.set()
            case "refresh_needed":
                self.asked += 1
                if self._renews:
                    await page.say("refresh", token=TOKENS.mint(self.user_id, (), now=datetime.now(UTC)))


async def test_many_go_when_their_tokens_end_and_who_renewed_stays(hub: Customer) -> None:
    ends_at = in_seconds(OPENING_S)
    async with asyncio.TaskGroup() as tasks:
        users = [f"user-{number}" for number in range(SOCKETS)]
        pages = [
            Page(hub, user_id, token_until(user_id, ends_at), renews=number % 2 == 0)
            for number, user_id in enumerate(users)
        ]
        lives = {page: tasks.create_task(page.live()) for page in pages}
        await asyncio.gather(*(page.opened.wait() for page in pages))
        staying, leaving = pages[::2], pages[1::2]

        await asyncio.gather(*(lives[page] for page in leaving))

        assert {page.closed and page.closed[0] for page in leaving} == {CloseCode.EXPIRED}
        late_s = [page.closed[1] - ends_at.timestamp() for page in leaving if page.closed]
        assert min(late_s) >= 0
        assert max(late_s) < NOT_THE_WHEEL_S
        await hub.send(users, "for who renewed")
        await asyncio.gather(*(page.told.wait() for page in staying))
        assert not any(page.closed for page in staying)
        assert {page.asked for page in pages} == {1}
        for page in staying:
            lives[page].cancel()


async def test_a_token_that_has_ended_renews_nothing(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await page.say("refresh", token=token_until("ada", in_seconds(0)))
        assert await page.closed() == CloseCode.EXPIRED


@contextlib.asynccontextmanager
async def _asking(hub: Customer, token: str, **query: Any) -> AsyncIterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=hub.url, timeout=60) as http,
        http.stream("GET", "/api/v1/users/me/inbox", params=query, headers=headers) as answer,
    ):
        yield answer


async def test_a_stream_and_a_poll_end_with_the_token_too(hub: Customer) -> None:
    ends_at = in_seconds(3)
    token = token_until("ada", ends_at)
    async with listener(hub.url, token) as stream, _asking(hub, token, after="0", wait=60) as answer:
        assert (answer.status_code, msgspec.json.decode(await answer.aread())["detail"]) == (
            401,
            "the user token has expired",
        )
        heard = [await stream.heard() for _ in range(3)]
        assert {frame["t"] for frame in heard[:2]} == {"welcome", "refresh_needed"}
        assert heard[2] == {"t": "close", "code": CloseCode.EXPIRED, "reason": "expired"}
        assert time.time() >= ends_at.timestamp()


async def test_from_the_second_of_its_end_nobody_comes_in_with_it(hub: Customer) -> None:
    now = int(time.time())
    over = jwt.encode({"sub": "ada", "aud": "hark", "iat": now - 60, "exp": now}, SETTINGS.token_secret, "HS256")
    async with device(hub.url, over) as page:
        assert (await page.heard())["message"] == "the user token has expired"
        assert await page.closed() == CloseCode.EXPIRED
    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {over}"}) as http:
        for asked in (
            http.get("/sse"),
            http.get("/api/v1/users/me/inbox"),
            http.get("/api/v1/users/me/inbox?before=9"),
            http.post("/api/v1/users/me/receipts", json={"read_through": 1}),
        ):
            answer = await asked
            assert (answer.status_code, answer.json()["detail"]) == (401, "the user token has expired")
