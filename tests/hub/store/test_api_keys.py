"""API keys at rest."""

import asyncpg
import pytest
from asyncpg import Record

from hub.store import api_keys


async def test_a_key_works_until_it_is_revoked(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, "shop")
    key_id = await api_keys.verify(pool, key)
    assert key_id is not None
    assert await api_keys.revoke(pool, key_id)
    assert await api_keys.verify(pool, key) is None
    assert not await api_keys.revoke(pool, key_id)


async def test_the_database_does_not_know_the_key(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, "shop")
    secret = key.split("_", 2)[2]
    rows = await pool.fetch("select api_keys::text from api_keys")
    assert rows
    assert not any(secret in row[0] for row in rows)


@pytest.mark.parametrize(
    "change", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.replace("hark", "mark")]
)
async def test_almost_a_key_is_none(pool: "asyncpg.Pool[Record]", change: "type[str]") -> None:
    key = await api_keys.create(pool, "shop")
    assert await api_keys.verify(pool, change(key)) is None
