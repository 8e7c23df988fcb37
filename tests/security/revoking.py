"""Revoking tokens in a cluster of two, and who comes in with one by which road."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from hub.live.close_codes import CloseCode
from hub.settings import Settings
from hub.store.postgres import Pool
from tests.device import device
from tests.hub_process import Customer, running_hub
from tests.road import Road, road

WITHIN_S = 2.0


class Nodes(NamedTuple):
    """Two of one cluster, and the way they both have to Redis."""

    one: Customer
    two: Customer
    to_redis: Road


@contextlib.asynccontextmanager
async def cluster(settings: Settings, pool: Pool) -> AsyncIterator[Nodes]:
    """On one Postgres and one Redis."""
    parts = urlsplit(settings.hub.redis_url)
    async with road(parts.port or 0) as to_redis:
        who = parts.netloc.rpartition("@")[0]
        there = urlunsplit(parts._replace(netloc=f"{who}@127.0.0.1:{to_redis.port}"))
        through = msgspec.structs.replace(settings, hub=msgspec.structs.replace(settings.hub, redis_url=there))
        async with running_hub(through, pool) as one, running_hub(through, pool) as two:
            yield Nodes(one, two, to_redis)


async def revoke(hub: Customer, **whose: Any) -> None:
    answer = await hub.http.post("/api/v1/revocations", json=whose)
    assert answer.status_code == 201, answer.text


async def token_of(hub: Customer, user_id: str, **more: Any) -> str:
    token: str = (await hub.http.post("/api/v1/tokens", json={"user_id": user_id, **more})).json()["token"]
    return token


async def poll(hub: Customer, token: str, **query: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=hub.url, timeout=30) as http:
        return await http.get("/api/v1/users/me/inbox", params=query, headers={"Authorization": f"Bearer {token}"})


async def verdict(hub: Customer, token: str) -> str:
    """What a hello with it is answered."""
    async with device(hub.url, token) as page:
        frame = await page.heard()
        if frame["t"] == "error":
            assert await page.closed() == CloseCode.EXPIRED
        return str(frame.get("message", frame["t"]))


async def every_road_says(hub: Customer, token: str) -> set[str]:
    """The verdicts of socket, stream, poll and receipts; "" for a good one."""
    headers = {"Authorization": f"Bearer {token}"}
    said = {(await verdict(hub, token)).replace("welcome", "")}
    async with httpx.AsyncClient(base_url=hub.url) as http:
        async with http.stream("GET", "/sse", headers=headers) as stream:
            said.add("" if stream.status_code == 200 else msgspec.json.decode(await stream.aread())["detail"])
        for asked in (
            http.get("/api/v1/users/me/inbox", headers=headers),
            http.get("/api/v1/users/me/inbox?before=9", headers=headers),
            http.post("/api/v1/users/me/receipts", headers=headers, json={"read_through": 1}),
        ):
            answer = await asked
            assert answer.status_code in {200, 401}, answer.text
            said.add("" if answer.status_code == 200 else answer.json()["detail"])
    return said
