"""An inbox that went back while its clients were connected: a restored backup, or a standby that had less."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
from asyncpg import Record
from redis.asyncio import Redis

from hub.hint import EntryHint, pack, user_channel
from hub.live.close_codes import CloseCode
from tests.encryption import NAMES
from tests.hub_process import Customer

OFF = 60.0
StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def test_who_was_sent_more_than_there_is_comes_back_and_hears_what_is_new(
    start_hub: StartHub, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(position_check_s=0.1) as hub, hub.online("grace") as other:
        async with hub.online("ada") as page:
            await hub.send("ada", "kept")
            await hub.send("ada", "lost")
            *_, cursor = [entry["cursor"] for entry in await page.heard_entries(2)]
            await _lose_the_newest(pool)
            assert await page.closed() == CloseCode.UNAVAILABLE
        await hub.send("ada", "new")  # with the seq of what was lost
        async with hub.online("ada", cursor=cursor) as page:
            assert (await page.heard())["t"] == "reset"
            assert [entry["title"] for entry in await page.heard_entries(2)] == ["kept", "new"]
        await hub.send("grace", "nothing was lost")
        assert (await other.heard())["title"] == "nothing was lost"


async def test_who_knows_of_an_entry_that_is_not_there_asks_for_it_once(start_hub: StartHub, redis: Redis) -> None:
    async with start_hub(position_check_s=OFF) as hub, hub.online("ada") as page:
        await hub.send("ada", "there")
        assert (await page.heard())["title"] == "there"
        await redis.publish(NAMES.channel(user_channel("ada")), pack(EntryHint(3, 0.0, b"{}")))
        assert await page.closed() == CloseCode.UNAVAILABLE


async def _lose_the_newest(pool: "asyncpg.Pool[Record]") -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("delete from entries e using inboxes i where e.user_id = i.user_id and e.seq = i.head")
        await connection.execute("update inboxes set head = head - 1, unread = unread - 1")
