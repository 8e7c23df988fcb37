"""`GET /api/v1/users/me/inbox`: the inbox of a device that can do nothing but ask."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from asyncpg import Record

from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
LONGER_THAN_A_TEST_S = 60
OFF = 60.0
BIG = "x" * 7500


async def ask(hub: Customer, token: str, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await hub.http.get("/api/v1/users/me/inbox", params=query, headers=headers, timeout=LONGER_THAN_A_TEST_S)


async def poll(hub: Customer, user_id: str, **query: Any) -> dict[str, Any]:
    answer = await ask(hub, await hub.token(user_id), **query)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def titles(found: dict[str, Any]) -> list[str]:
    return [entry["title"] for entry in found["entries"]]


async def test_without_a_cursor_a_client_learns_where_the_inbox_stands(hub: Customer) -> None:
    assert await poll(hub, "ada", wait=30) == {"entries": [], "cursor": "0", "head": 0, "unread": 0}
    sent = await hub.send("ada", "old")
    start = await poll(hub, "ada", wait=30)
    assert start == {"entries": [], "cursor": f"1-{sent[-8:]}", "head": 1, "unread": 1}
    await hub.send("ada", "new")
    assert titles(await poll(hub, "ada", after=start["cursor"])) == ["new"]


async def test_what_is_there_comes_at_once_in_portions_oldest_first(hub: Customer) -> None:
    for number in range(5):
        await hub.send("ada", f"number {number}")
    heard, cursor = [], "0"
    for portion in (2, 2, 1, 0):
        found = await poll(hub, "ada", after=cursor, limit=2, wait=30 if portion else 0)
        assert (len(found["entries"]), found["head"], found["unread"]) == (portion, 5, 5)
        heard += titles(found)
        cursor = found["cursor"]
    assert heard == [f"number {number}" for number in range(5)]


async def test_large_entries_come_in_portions_whatever_the_limit(hub: Customer) -> None:
    for _ in range(5):
        await hub.send("ada", message=BIG, data={"more": [BIG] * 3})  # 30 KB
    found = await poll(hub, "ada", after="0", limit=200)
    assert [entry["seq"] for entry in found["entries"]] == [1, 2]
    assert "gaps" not in found
    assert [entry["seq"] for entry in (await poll(hub, "ada", after=found["cursor"]))["entries"]] == [3, 4]


async def test_who_waits_is_told_when_it_happens(start_hub: StartHub) -> None:
    async with start_hub(position_check_s=OFF) as hub:  # which would find it, too
        waiting = asyncio.create_task(poll(hub, "ada", after="0", wait=60))
        await _connections(hub, 1)
        await hub.send("ada", "now")
        async with asyncio.timeout(5):
            found = await waiting
        assert (titles(found), found["head"], found["unread"]) == (["now"], 1, 1)


async def test_what_is_sent_between_and_during_polls_is_heard_in_order_once(start_hub: StartHub) -> None:
    async with start_hub(position_check_s=OFF) as hub, asyncio.TaskGroup() as tasks:
        tasks.create_task(_send(hub, 100))
        heard: list[int] = []
        cursor = "0"
        while len(heard) < 100:
            found = await poll(hub, "ada", after=cursor, wait=10)
            heard += [entry["seq"] for entry in found["entries"]]
            cursor = found["cursor"]
        assert heard == list(range(1, 101))


async def test_when_nothing_comes_the_answer_is_empty_and_the_cursor_stays(hub: Customer) -> None:
    async with hub.online("ada", cursor="0") as phone:
        await hub.send("ada")
        cursor = (await phone.heard())["cursor"]
        waiting = asyncio.create_task(poll(hub, "ada", after=cursor, wait=1))
        await _connections(hub, 2)
        await phone.say("read", through=1)  # stirs it, and is no entry
        assert await waiting == {"entries": [], "cursor": cursor, "head": 1, "unread": 0}


async def test_without_redis_it_is_found_in_the_store(start_hub: StartHub) -> None:
    async with start_hub(redis_url="redis://127.0.0.1:1") as hub:
        waiting = asyncio.create_task(poll(hub, "ada", after="0", wait=60))
        await _connections(hub, 1)
        await hub.send("ada", "in spite of it")
        assert titles(await waiting) == ["in spite of it"]


async def test_a_cursor_of_another_history_is_answered_with_reset_at_once(hub: Customer) -> None:
    empty = await poll(hub, "ada", after="9-00000000", wait=60)
    assert empty == {"entries": [], "cursor": "0", "head": 0, "unread": 0, "reset": True}
    await hub.send("ada", "one")
    found = await poll(hub, "ada", after="9-00000000", wait=60)
    assert (found["reset"], titles(found)) == (True, ["one"])
    assert "reset" not in await poll(hub, "ada", after=found["cursor"])


async def test_who_waits_behind_what_a_restored_backup_lost_is_told_to_ask_again(
    start_hub: StartHub, pool: "asyncpg.Pool[Record]"
) -> None:
    async with start_hub(position_check_s=0.1) as hub:
        await hub.send("ada", "lost")
        cursor = (await poll(hub, "ada"))["cursor"]
        waiting = asyncio.create_task(poll(hub, "ada", after=cursor, wait=60))
        await _connections(hub, 1)
        async with hub.online("grace"):  # hellos are answered in order: the poll's was, too
            await pool.execute("with gone as (delete from entries) update inboxes set head = 0, unread = 0")
        assert await waiting == {"entries": [], "cursor": cursor, "head": 0, "unread": 0}
        assert (await poll(hub, "ada", after=cursor, wait=60))["reset"]


async def test_expired_entries_are_told_as_gaps_and_are_nothing_to_come_back_for(
    hub: Customer, pool: "asyncpg.Pool[Record]"
) -> None:
    for _ in range(5):
        await hub.send("ada")
    await pool.execute("update entries set expires_at = now() where seq in (1, 2, 4, 5)")
    found = await poll(hub, "ada", after="0")
    assert [entry["seq"] for entry in found["entries"]] == [3]
    assert found["gaps"] == [{"from": 1, "to": 2}, {"from": 4, "to": 5}]
    nothing = await poll(hub, "ada", after=found["cursor"])
    assert nothing == {
        "entries": [], "cursor": found["cursor"], "head": 5, "unread": 5, "gaps": [{"from": 4, "to": 5}],
    }  # fmt: skip
    waiting = asyncio.create_task(poll(hub, "ada", after=found["cursor"], wait=60))
    await _connections(hub, 1)
    await hub.send("ada", "behind the gap")
    later = await waiting
    assert (titles(later), later["gaps"]) == (["behind the gap"], [{"from": 4, "to": 5}])


async def test_nothing_of_a_poll_stays_however_it_ends(hub: Customer) -> None:
    await poll(hub, "ada", after="0")
    await _connections(hub, 0)
    leaving = asyncio.create_task(poll(hub, "ada", after="0", wait=60))
    await _connections(hub, 1)
    leaving.cancel()  # which closes its connection
    await _connections(hub, 0)


async def test_a_stopping_hub_answers_who_waits(start_hub: StartHub) -> None:
    async with httpx.AsyncClient(timeout=LONGER_THAN_A_TEST_S) as phone:
        async with start_hub(drain_s=0.1) as hub:
            headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
            asked = phone.get(f"{hub.url}/api/v1/users/me/inbox?after=0&wait=60", headers=headers)
            waiting = asyncio.create_task(asked)
            await _connections(hub, 1)
        assert (await waiting).json() == {"entries": [], "cursor": "0", "head": 0, "unread": 0}


async def test_one_connection_too_many_of_a_user_ends_the_oldest_poll(start_hub: StartHub) -> None:
    async with start_hub(user_connections=1) as hub:
        first = asyncio.create_task(ask(hub, await hub.token("ada"), after="0", wait=60))
        await _connections(hub, 1)
        async with hub.online("ada"):
            answer = await first
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")


async def test_a_full_node_sends_polls_elsewhere(start_hub: StartHub) -> None:
    async with start_hub(node_connections=1) as hub, hub.online("ada"):
        answer = await ask(hub, await hub.token("ada"), after="0")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_while_postgres_is_away_a_poll_is_told_to_come_back(start_hub: StartHub, hub: Customer) -> None:
    token = await hub.token("ada")
    async with start_hub(database_url="postgresql://nobody@127.0.0.1:1/none") as lame:
        answer = await ask(lame, token, after="0", wait=60)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_an_answer_is_stored_by_nobody(hub: Customer) -> None:
    assert (await ask(hub, await hub.token("ada"))).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [{"after": "x"}, {"after": ""}, {"after": "1"}, {"wait": 61}, {"wait": "1.5"}, {"limit": 0}, {"limit": 201}],
)
async def test_a_poll_that_cannot_be_is_refused(hub: Customer, query: dict[str, Any]) -> None:
    answer = await ask(hub, await hub.token("ada"), **query)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, next(iter(query)))


async def test_a_token_that_ended_is_told_from_one_that_is_none(hub: Customer) -> None:
    tokens = UserTokens(UserTokenSettings(token_secret="a secret of at least 32 characters"))
    expired = tokens.mint("ada", (), now=datetime.now(UTC) - timedelta(hours=2))
    for token, told in ((expired, "the user token has expired"), ("x", "not a valid user token")):
        answer = await ask(hub, token)
        assert (answer.status_code, answer.json()["detail"]) == (401, told)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def _send(hub: Customer, count: int) -> None:
    for _ in range(count):
        await hub.send("ada")


async def _connections(hub: Customer, wanted: int) -> None:
    """Waits until the hub has this many connections."""
    while f"hark_connections {float(wanted)}" not in (await hub.http.get("/metrics")).text:
        pass  # each look takes the hub a turn of its loop
