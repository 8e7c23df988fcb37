"""Revoked tokens: who is connected with one goes, from every node and by every road, and nobody comes in with one."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import msgspec
import pytest

from hub.live.close_codes import CloseCode
from hub.settings import Settings
from hub.store import revocations
from hub.store.postgres import Pool
from tests.device import device
from tests.hub_process import Customer, running_hub
from tests.listener import listener
from tests.security.revoking import WITHIN_S, Nodes, cluster, every_road_says, poll, revoke, token_of, verdict

WITHOUT_REDIS_S = 6.0
MANY = 200


@pytest.fixture
async def nodes(settings: Settings, pool: Pool) -> AsyncIterator[Nodes]:
    async with cluster(settings, pool) as found:
        yield found


async def test_a_revoked_user_is_closed_on_all_nodes_by_every_road_and_stays_out(nodes: Nodes) -> None:
    one, two, _ = nodes
    token = await one.token("ada")
    async with (
        one.online("grace") as other,
        device(one.url, token) as here,
        device(two.url, token) as there,
        listener(two.url, token) as stream,
    ):
        asking = asyncio.ensure_future(poll(two, token, after="0", wait=30))
        for client in (here, there, stream):
            assert (await client.heard())["t"] == "welcome"
        while "hark_connections 5.0" not in (await two.http.get("/metrics")).text:
            pass  # asking is the pause: the poll waits, too
        async with asyncio.timeout(WITHIN_S):
            await revoke(one, user_id="ada")
            for client in (here, there, stream):
                said = await client.heard()
                assert (said["code"], said["message"]) == ("revoked", "the user token was revoked")
                assert await client.closed() == CloseCode.EXPIRED
            answer = await asking
            assert (answer.status_code, answer.json()["detail"]) == (401, "the user token was revoked")
        for node in (one, two):
            assert await every_road_says(node, token) == {"the user token was revoked"}
        await one.send("grace", "still here")
        assert [entry["title"] for entry in await other.heard_entries(1)] == ["still here"]
    for node in (one, two):
        assert await every_road_says(node, await one.token("ada")) == {""}


async def test_a_sign_in_ends_alone(nodes: Nodes) -> None:
    one, two, _ = nodes
    laptop, phone = [await token_of(one, "ada", session_id=name) for name in ("laptop", "phone")]
    async with device(two.url, laptop) as page, device(two.url, phone) as app:
        for client in (page, app):
            assert (await client.heard())["t"] == "welcome"
        await revoke(one, session_id="laptop")
        assert await page.closed() == CloseCode.EXPIRED
        await one.send("ada", "for the phone")
        assert [entry["title"] for entry in await app.heard_entries(1)] == ["for the phone"]
    assert await verdict(two, laptop) == "the user token was revoked"
    assert await verdict(two, phone) == "welcome"


async def test_one_token_ends_alone_and_may_not_be_renewed_with_another_that_ended(nodes: Nodes) -> None:
    one, two, _ = nodes
    leaked, good, other = [await one.token("ada") for _ in range(3)]
    async with device(two.url, leaked) as thief, device(two.url, good) as page, device(two.url, other) as third:
        for client in (thief, page, third):
            assert (await client.heard())["t"] == "welcome"
        await revoke(one, token_id=jwt.decode(leaked, options={"verify_signature": False})["jti"])
        assert await thief.closed() == CloseCode.EXPIRED
        await page.say("refresh", token=leaked)
        assert await page.closed() == CloseCode.EXPIRED
        await one.send("ada", "for one that is good")
        assert [entry["title"] for entry in await third.heard_entries(1)] == ["for one that is good"]


async def test_who_renewed_in_time_stays(nodes: Nodes) -> None:
    one, two, _ = nodes
    async with two.online("ada") as page:
        await asyncio.sleep(0.01)  # tokens are stamped to a millisecond
        before = datetime.now(UTC)
        await page.say("refresh", token=await one.token("ada"))
        await page.say("read", through=1)
        assert (await page.heard())["t"] == "state"  # the refresh was heard, too
        await revoke(one, user_id="ada", issued_before=before.isoformat())
        await revoke(one, user_id="grace")
        async with asyncio.timeout(WITHIN_S):
            while await verdict(two, _minted_a_minute_ago("grace")) == "welcome":
                pass
        await one.send("ada", "still here")
        assert [entry["title"] for entry in await page.heard_entries(1)] == ["still here"]


async def test_tokens_that_were_issued_before_a_time(nodes: Nodes) -> None:
    one, two, _ = nodes
    old = await one.token("ada")
    await asyncio.sleep(0.01)  # tokens are stamped to a millisecond
    between = datetime.now(UTC)
    new = await one.token("ada")
    async with device(two.url, old) as before, device(two.url, new) as after:
        for client in (before, after):
            assert (await client.heard())["t"] == "welcome"
        await revoke(one, user_id="ada", issued_before=between.isoformat())
        assert await before.closed() == CloseCode.EXPIRED
        await revoke(one, user_id="ada", issued_before=(between - timedelta(hours=1)).isoformat())  # takes nothing back
        assert await verdict(two, old) == "the user token was revoked"
        assert await verdict(two, new) == "welcome"
        await one.send("ada", "for the new one")
        assert [entry["title"] for entry in await after.heard_entries(1)] == ["for the new one"]


async def test_many_users_are_closed_within_two_seconds(nodes: Nodes) -> None:
    one, two, _ = nodes
    async with _crowd(nodes) as pages:
        started = time.monotonic()
        await revoke(one, user_ids=[f"user-{number}" for number in range(MANY)])
        assert {await page.closed() for page in pages} == {CloseCode.EXPIRED}
        assert time.monotonic() - started < WITHIN_S
    assert await verdict(two, await two.token("user-0")) == "welcome"


async def test_a_hint_is_enough_and_so_is_a_look(settings: Settings, pool: Pool) -> None:
    never = msgspec.structs.replace(settings, live=msgspec.structs.replace(settings.live, position_check_s=60.0))
    often = msgspec.structs.replace(settings, live=msgspec.structs.replace(settings.live, position_check_s=0.2))
    async with (
        running_hub(settings, pool) as hub,
        running_hub(never, pool) as hinted,
        running_hub(often, pool) as looks,
    ):
        async with hinted.online("ada") as page, asyncio.timeout(WITHIN_S):
            await revoke(hub, user_id="ada")
            assert await page.closed() == CloseCode.EXPIRED
        async with looks.online("grace") as page, asyncio.timeout(WITHIN_S):
            await revocations.revoke(pool, "user", ["grace"], before=None)  # and its hint was lost
            assert await page.closed() == CloseCode.EXPIRED


async def test_with_redis_dead_they_are_closed_within_six_seconds(nodes: Nodes) -> None:
    one, two, to_redis = nodes
    async with _crowd(nodes) as pages:
        token = await two.token("user-0")
        await to_redis.cut()
        started = time.monotonic()
        await revoke(one, user_ids=[f"user-{number}" for number in range(MANY)])
        assert {await page.closed() for page in pages} == {CloseCode.EXPIRED}
        assert await verdict(two, token) == "the user token was revoked"
        assert time.monotonic() - started < WITHOUT_REDIS_S


async def test_with_a_redis_that_hangs_too(nodes: Nodes) -> None:
    one, two, to_redis = nodes
    async with one.online("ada") as here, two.online("ada") as there:
        to_redis.hold()
        started = time.monotonic()
        await revoke(one, user_id="ada")
        assert {await here.closed(), await there.closed()} == {CloseCode.EXPIRED}
        assert time.monotonic() - started < WITHOUT_REDIS_S


async def test_a_node_that_starts_lets_nobody_in_before_it_knows(settings: Settings, pool: Pool) -> None:
    async with running_hub(settings, pool) as hub:
        token = await hub.token("ada")
        await revoke(hub, user_id="ada")
    async with running_hub(settings, pool) as hub:
        said = await asyncio.gather(*(verdict(hub, token) for _ in range(10)), every_road_says(hub, token))
        assert "welcome" not in said
        assert said[-1] == {"the user token was revoked"}


async def test_a_node_that_cannot_read_them_yet_lets_nobody_in_by_any_road(settings: Settings, pool: Pool) -> None:
    token = _minted_a_minute_ago("ada")
    async with _running_hub_that_cannot_read_them(settings, pool) as (hub, unlock):
        assert await _first_words(hub, token) == ["unavailable", "unavailable", 503, 503, 503]
        await unlock()
        assert await every_road_says(hub, token) == {""}  # nothing was revoked, and it knows that


async def test_it_is_forgotten_when_every_such_token_has_expired(nodes: Nodes, pool: Pool) -> None:
    answer = await nodes.one.http.post("/api/v1/revocations", json={"user_id": "ada"})
    left = datetime.fromisoformat(answer.json()["forgotten_at"]) - datetime.now(UTC)
    assert timedelta(days=31) < left < timedelta(days=31, minutes=2)
    await pool.execute("update revocations set forgotten_at = now()")
    assert (await revocations.since(pool, 0)).revocations == []
    await revoke(nodes.one, user_id="grace")
    assert [row["subject"] for row in await pool.fetch("select subject from revocations")] == ["grace"]


async def test_a_restored_backup_is_read_from_its_beginning(pool: Pool) -> None:
    await revocations.revoke(pool, "user", ["ada"], before=None)
    [known] = (await revocations.since(pool, 0)).revocations
    assert await revocations.since(pool, 1) == (1, [])
    assert await revocations.since(pool, 7) == (1, [known])


async def test_revisions_are_in_the_order_of_commits(pool: Pool) -> None:
    await asyncio.gather(*(revocations.revoke(pool, "user", [f"u{n}", f"u{n}"], before=None) for n in range(50)))
    rows = await pool.fetch("select revision from revocations order by revision")
    assert [row["revision"] for row in rows] == list(range(1, 51))
    async with pool.acquire() as connection, connection.transaction():
        await revocations.revoke(connection, "user", ["late"], before=None)
        assert (await revocations.since(pool, 50)) == (50, [])  # and nobody else can be before it
    assert [found.subject for found in (await revocations.since(pool, 50)).revocations] == ["late"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"user_id": "ada", "token_id": "x"}, "$"),
        ({"user_ids": []}, "$.user_ids"),
        ({"user_ids": ["x"] * 1001}, "$.user_ids"),
        ({"user_id": "a\0"}, "$.user_id"),
        ({"session_id": "\0"}, "$.session_id"),
        ({"token_id": "x" * 256}, "$.token_id"),
        ({"user_id": "ada", "issued_before": "2026-01-01T00:00:00"}, "$.issued_before"),
        ({"user_id": "ada", "issued_before": "2999-01-01T00:00:00Z"}, "$.issued_before"),
        ({"token_id": "x", "issued_before": "2026-01-01T00:00:00Z"}, "$.issued_before"),
        ({"user": "ada"}, "$"),
    ],
)
async def test_what_names_nobody_or_too_many_is_refused(
    hub: Customer, pool: Pool, body: dict[str, Any], path: str
) -> None:
    answer = await hub.http.post("/api/v1/revocations", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
    assert await pool.fetchval("select count(*) from revocations") == 0


@contextlib.asynccontextmanager
async def _running_hub_that_cannot_read_them(
    settings: Settings, pool: Pool
) -> AsyncIterator[tuple[Customer, Callable[[], Awaitable[None]]]]:
    """And what ends that."""
    async with pool.acquire() as db:
        lock = db.transaction()
        await lock.start()
        await db.execute("lock table revocations")
        async with running_hub(settings, pool) as hub:
            yield hub, lock.rollback


async def _first_words(hub: Customer, token: str) -> list[str | int]:
    """Of the hub, to who comes in with it by each road."""
    async with device(hub.url, token) as page, listener(hub.url, token) as stream:
        said: list[str | int] = [(await client.heard()).get("code", "let in") for client in (page, stream)]
    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {token}"}) as http:
        asked = (
            http.get("/api/v1/users/me/inbox"),
            http.get("/api/v1/users/me/inbox?before=9"),
            http.post("/api/v1/users/me/receipts", json={"read_through": 1}),
        )
        return said + [answer.status_code for answer in await asyncio.gather(*asked)]


def _minted_a_minute_ago(user_id: str) -> str:
    now = int(time.time()) - 60
    claims = {"sub": user_id, "aud": "hark", "iat": now, "exp": now + 3600}
    return jwt.encode(claims, "a secret of at least 32 characters", "HS256")


@contextlib.asynccontextmanager
async def _crowd(nodes: Nodes) -> AsyncIterator[list[Any]]:
    """Two pages of each of many users, one on each node."""
    async with contextlib.AsyncExitStack() as everybody:
        yield [
            await everybody.enter_async_context(node.online(f"user-{number}"))
            for number in range(MANY)
            for node in (nodes.one, nodes.two)
        ]
