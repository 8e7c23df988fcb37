"""Servers with keys of their own kind."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
from asyncpg import Record

from hub.roles import Grant
from hub.store import api_keys
from tests.encryption import VAULT
from tests.hub_process import Customer
from tests.openapi import is_documented


@contextlib.asynccontextmanager
async def server(
    hub: Customer, pool: "asyncpg.Pool[Record]", grant: Grant, *, expires_in: timedelta | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the hub with a new key of this grant."""
    key = await api_keys.create(pool, VAULT, "server", grant, expires_in=expires_in)
    async with caller(hub, key) as http:
        yield http


def caller(hub: Customer, key: str) -> httpx.AsyncClient:
    """Calls the hub with something that may be a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=hub.url, headers=headers, event_hooks={"response": [is_documented]})


def id_of(http: httpx.AsyncClient) -> str:
    """The id of a client's key."""
    return http.headers["Authorization"].split("_")[1]
