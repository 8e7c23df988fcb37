"""Tokens whose time is over while their devices are connected."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from websockets.exceptions import ConnectionClosed

from hub.live.close_codes import CloseCode
from hub.live.heartbeat import TOKEN_GRACE_S
from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.device import Device, device
from tests.hub_process import Customer

SETTINGS = UserTokenSettings(token_secret="a secret of at least 32 characters")
TOKENS = UserTokens(SETTINGS)
HUNDREDS = 300
OPENING_S = 8.0  # that it takes a slow machine to connect them all
PING_S = 1.0
StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


def token_until(user_id: str, ends_at: datetime) -> str:
    """A token that is good, leeway included, until then."""
    return TOKENS.mint(user_id, (), now=ends_at - timedelta(seconds=SETTINGS.token_ttl_s + TOKEN_GRACE_S))


class Page:
    """Of one user: it listens all the time, and so answers pings."""

    def __init__(self, hub: Customer, user_id: str, token: str) -> None:
        self._hub = hub
        self.user_id = user_id
        self._token = token
        self.opened = asyncio.Event()
        self.renews = asyncio.Event()
        self.told = asyncio.Event()
        self.closed: tuple[int, float] | None = None  # with which code, and when

    async def live(self) -> None:
        """Until the hub closes it."""
        async with device(self._hub.url, self._token) as page:
            assert (await page.heard())["t"] == "welcome"
            self.opened.set()
            renewing = asyncio.ensure_future(self._renew(page))
            with contextlib.suppress(ConnectionClosed):
                while True:
                    frame = await page.heard()
                    if frame["t"] == "msg":
                        self.told.set()
            self.closed = await page.closed(), time.time()
            renewing.cancel()

    async def _renew(self, page: Device) -> None:
        await self.renews.wait()
        await page.say("refresh", token=await self._hub.token(self.user_id))


async def test_hundreds_go_when_their_tokens_end_and_who_renewed_stays(start_hub: StartHub) -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=OPENING_S)
    async with start_hub(ping_s=PING_S) as hub, asyncio.TaskGroup() as tasks:
        users = [f"user-{number}" for number in range(HUNDREDS)]
        pages = [Page(hub, user_id, token_until(user_id, ends_at)) for user_id in users]
        lives = {page: tasks.create_task(page.live()) for page in pages}
        await asyncio.gather(*(page.opened.wait() for page in pages))
        staying, leaving = pages[::2], pages[1::2]
        for page in staying:
            page.renews.set()

        await asyncio.gather(*(lives[page] for page in leaving))

        assert {page.closed and page.closed[0] for page in leaving} == {CloseCode.EXPIRED}
        late_s = [page.closed[1] - ends_at.timestamp() for page in leaving if page.closed]
        assert min(late_s) >= 0
        assert max(late_s) < 3 * PING_S + 1.0  # the wheel's turn, and a machine that has others to serve
        await hub.send(users, "for who renewed")
        await asyncio.gather(*(page.told.wait() for page in staying))
        assert not any(page.closed for page in staying)
        for page in staying:
            lives[page].cancel()


async def test_a_token_that_has_ended_renews_nothing(start_hub: StartHub) -> None:
    async with start_hub(ping_s=PING_S) as hub, hub.online("ada") as page:
        await page.say("refresh", token=token_until("ada", datetime.now(UTC) - timedelta(seconds=2)))
        assert await page.closed() == CloseCode.EXPIRED
