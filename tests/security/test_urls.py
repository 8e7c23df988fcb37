"""A token in a URL is refused by every road, and stands in no line that the hub writes: the real process, at `debug`,
with the server's own lines."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.api.auth import IN_URLS
from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.encryption import ENCRYPTION_KEYS, VAULT
from tests.hub_process import Customer

ROADS = ["/sse", "/api/v1/users/me/inbox", "/api/v1/users/me/inbox?before=9"]
CANARY = "canary-in-the-url"


async def opened(url: str, query: str) -> int:
    """What a handshake there is answered."""
    try:
        async with connect(f"{url.replace('http', 'ws')}/ws{query}", subprotocols=["hark.v1"]):  # type: ignore[list-item]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def asked(url: str, road: str, query: str, token: str) -> int:
    """What a request with a good token in its header is answered."""
    there = f"{url}{road}{'&' if '?' in road else '?'}{query}"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient() as http, http.stream("GET", there, headers=headers) as answer:
        return answer.status_code


async def test_a_token_in_the_url_is_refused_also_beside_a_good_one(hub: Customer) -> None:
    token = await hub.token("ada")
    for name in (*IN_URLS, "TOKEN", "Access_Token", "%74oken"):
        for query in (f"{name}={token}", f"x=1&{name}=x"):
            assert await opened(hub.url, f"?{query}") == 400
            assert await asked(hub.url, "/sse", query, token) == 400
    for road in ROADS:
        assert await asked(hub.url, road, f"token={token}", token) == 400
    said = await hub.http.post("/api/v1/users/me/receipts", params={"token": token}, json={"read_through": 1})
    assert said.status_code == 400


async def test_it_proves_nobody_by_whatever_name(hub: Customer) -> None:
    token = await hub.token("ada")
    async with httpx.AsyncClient(base_url=hub.url) as http:
        for road in ROADS:
            for name in ("t", "key", "hello"):
                assert (await http.get(road, params={name: token})).status_code == 401


async def test_other_words_in_the_url_are_nobodys_business(hub: Customer) -> None:
    assert await opened(hub.url, "?v=1&tokens=2") == 101
    for road in ROADS:
        assert await asked(hub.url, road, "v=1&tokens=2", await hub.token("ada")) == 200


@contextlib.asynccontextmanager
async def serving(settings: Settings, log: Path) -> AsyncIterator[str]:
    """`hark serve`; what it said is in `log`."""
    [port] = free_ports(1)
    env = os.environ | {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "HARK_LOG_LEVEL": "debug",
        "HARK_DRAIN_S": "0",
        "HARK_PORT": str(port),
    }
    with log.open("wb") as out:
        hark = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "serve"), env=env, stdout=out, stderr=out
        )
    url = f"http://127.0.0.1:{port}"
    try:
        while not await _ready(url):  # asking is the pause
            assert hark.returncode is None, "it has ended"
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself, which the test knows
            hark.terminate()
        await hark.wait()


async def _ready(url: str) -> bool:
    try:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{url}/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def test_what_was_in_a_url_is_in_no_line_of_the_log(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    log = tmp_path / "log"
    key = await api_keys.create(pool, VAULT, "test", "admin")
    async with serving(settings, log) as url:
        assert await opened(url, f"?token={CANARY}") == 400
        assert await opened(url, f"?x={CANARY}") == 101  # another name, and the server's own line about it
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}) as http:
            for road in ("/ws", "/sse", "/api/v1/users/me/inbox", "/api/v1/topics", f"/nothing/{CANARY}", "/health"):
                for name in ("token", "x"):
                    assert CANARY not in (await http.get(road, params={name: CANARY})).text
            await pool.execute("alter table topics rename to elsewhere")
            broken = await http.get("/api/v1/topics", params={"x": CANARY}, headers={"Connection": "close"})
            await pool.execute("alter table elsewhere rename to topics")
            assert broken.status_code >= 500
    said = log.read_text()
    assert "hub.started" in said
    assert "hub.stopping" in said
    assert CANARY not in said, [line for line in said.splitlines() if CANARY in line]
