"""A key that is not one, not any more, or not known opens nothing."""

import asyncio
import base64
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest
from redis.asyncio import Redis

from hub.api import auth
from hub.hint import KEY_REVOKED, StateHint, pack, user_channel
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.command import ran
from tests.encryption import ENCRYPTION_KEYS, NAMES, VAULT
from tests.hub_process import Customer
from tests.security.keys import caller, id_of, server

Start = Callable[..., AbstractAsyncContextManager[Customer]]
TOPICS = "/api/v1/topics"
REFUSED = "unknown, revoked or expired API key"


async def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(hub: Customer, pool: Pool) -> None:
    good = await api_keys.create(pool, VAULT, "shop", "admin")
    expired = await api_keys.create(pool, VAULT, "shop", "admin", expires_in=timedelta(0))
    revoked = await api_keys.create(pool, VAULT, "shop", "admin")
    await api_keys.revoke(pool, revoked.split("_")[1])
    other_id = "_".join(["hark", "0" * 12, good.split("_", 2)[2]])
    answers = []
    for key in (good[:-1], other_id, expired, revoked, "hark", "hark__", "hark_%00_x", good.upper(), "x" * 5000):
        async with caller(hub, key) as http:
            answers.append(await http.get(TOPICS))
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(401, REFUSED)}
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Bearer realm="hark"'}


async def test_what_the_database_has_of_a_key_opens_nothing(hub: Customer, pool: Pool) -> None:
    key = await api_keys.create(pool, VAULT, "shop", "admin")
    digest = await pool.fetchval("select digest from api_keys where name = 'shop'")
    spellings = (digest.hex(), digest.hex().upper(), base64.b64encode(digest).decode())
    guesses = [f"hark_{api_keys.id_of(key)}_{secret}" for secret in ("", *spellings)]
    for guess in (*guesses, *spellings, api_keys.id_of(key)):
        async with caller(hub, guess) as http:
            assert (await http.get(TOPICS)).status_code == 401


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic aGFyazpoYXJr"])
async def test_no_key_opens_nothing(hub: Customer, authorization: str) -> None:
    answer = await hub.http.get(TOPICS, headers={"Authorization": authorization})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="hark"')


async def test_a_key_expires_in_its_moment_though_it_is_remembered(hub: Customer, pool: Pool) -> None:
    started = time.monotonic()
    async with server(hub, pool, "admin", expires_in=timedelta(seconds=1.5)) as http:
        assert (await http.get(TOPICS)).status_code == 200
        ended = await _refused(http)
    assert 1.4 < ended - started < 4 < auth.REMEMBERED_S


async def test_a_revoked_key_ends_when_it_is_not_remembered_any_more(
    hub: Customer, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REMEMBERED_S", 0.5)
    async with server(hub, pool, "admin") as http:
        assert (await http.get(TOPICS)).status_code == 200
        await api_keys.revoke(pool, id_of(http))
        revoked = time.monotonic()
        assert await _refused(http) - revoked < 5


async def test_all_nodes_hear_that_a_key_was_revoked(
    hub: Customer, start_hub: Start, pool: Pool, monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str
) -> None:
    monkeypatch.setattr(auth, "REMEMBERED_S", 60.0)
    async with start_hub() as other, server(hub, pool, "admin") as here, caller(other, "") as there:
        there.headers["Authorization"] = here.headers["Authorization"]
        for http in (here, there):
            assert (await http.get(TOPICS)).status_code == 200
        urls = {"HARK_DATABASE_URL": database_url, "HARK_REDIS_URL": redis_url}
        code, out, _ = await ran("keys", "revoke", id_of(here), HARK_ENCRYPTION_KEYS=ENCRYPTION_KEYS, **urls)
        assert (code, out) == (0, f"{id_of(here)} is revoked\n")
        for http in (here, there):
            await _refused(http)


async def test_a_good_key_does_not_wait_because_another_was_revoked(start_hub: Start, pool: Pool, redis: Redis) -> None:
    async with (
        start_hub(address_rate=0.01) as hub,
        server(hub, pool, "admin") as good,
        server(hub, pool, "admin") as bad,
    ):
        bad.headers["X-Forwarded-For"] = "198.51.100.7"
        for http in (good, bad):
            assert (await http.get(TOPICS)).status_code == 200
        await api_keys.revoke(pool, id_of(bad))
        await redis.publish(NAMES.channel(KEY_REVOKED), b"")
        await _refused(bad)
        assert (await good.get(TOPICS)).status_code == 200
        assert (await bad.get(TOPICS)).status_code == 429  # it is as unknown as any other now


async def test_a_key_that_is_revoked_while_it_is_looked_up_is_looked_up_again(
    hub: Customer, pool: Pool, redis: Redis
) -> None:
    async with server(hub, pool, "admin") as http, hub.online("ada") as page, pool.acquire() as gate:
        # A look-up that has seen the key waits here for the gate.
        await pool.execute("alter table api_keys rename to kept")
        await pool.execute("create view api_keys as select kept.* from kept, pg_advisory_xact_lock_shared(7)")
        await pool.execute("create rule of_uses as on update to api_keys do instead nothing")
        await gate.execute("select pg_advisory_lock(7)")
        asking = asyncio.ensure_future(http.get(TOPICS))
        while not await pool.fetchval("select exists (select from pg_locks where not granted)"):
            pass  # looking is the pause
        await pool.execute("update kept set revoked_at = now()")
        await redis.publish(NAMES.channel(KEY_REVOKED), b"")
        await redis.publish(NAMES.channel(user_channel("ada")), pack(StateHint(b'{"t":"state"}')))
        await page.heard()  # so the hub has heard what was said before, too
        await gate.execute("select pg_advisory_unlock(7)")
        assert (await asking).status_code == 200
        assert (await http.get(TOPICS)).status_code == 401


async def test_a_key_that_is_used_says_since_when_it_was_not(hub: Customer, pool: Pool) -> None:
    async with server(hub, pool, "viewer") as http:
        assert (await http.get(TOPICS)).status_code == 200
        while await pool.fetchval("select last_used_at from api_keys where id = $1", id_of(http)) is None:
            pass  # looking is the pause; the test's time limit is the deadline


async def test_a_wrong_secret_leaves_no_trace_of_use(hub: Customer, pool: Pool) -> None:
    good = await api_keys.create(pool, VAULT, "shop", "viewer")
    async with caller(hub, good + "x") as http, server(hub, pool, "viewer") as other:
        assert (await http.get(TOPICS)).status_code == 401
        assert (await other.get(TOPICS)).status_code == 200  # its use is noted after
        while await pool.fetchval("select last_used_at from api_keys where id = $1", id_of(other)) is None:
            pass  # as above
    assert await pool.fetchval("select last_used_at from api_keys where id = $1", good.split("_")[1]) is None


async def test_a_remembered_key_costs_no_query(start_hub: Start, pool: Pool) -> None:
    async with start_hub() as hub, server(hub, pool, "viewer") as http:
        await http.get(TOPICS)
        while await pool.fetchval("select last_used_at from api_keys where id = $1", id_of(http)) is None:
            pass  # as above
        await pool.execute("alter table api_keys rename to hidden")
        assert (await http.get(TOPICS)).status_code == 200


async def _refused(http: httpx.AsyncClient) -> float:
    """When it was, on `time.monotonic`."""
    while (await http.get(TOPICS)).status_code == 200:
        pass  # asking is the pause
    return time.monotonic()
