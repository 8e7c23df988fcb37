"""API keys at rest."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from asyncpg import Record

from hub.roles import ROLES
from hub.store import api_keys
from hub.store.api_keys import ApiKey, Verified
from hub.store.migrate import known
from hub.vault import Vault
from hub.vault_keys import Keys
from tests.encryption import KEYS, VAULT


async def test_a_key_works_until_it_is_revoked(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", "admin")
    found = await api_keys.verify(pool, VAULT, key)
    assert found is not None
    assert found == Verified(key.split("_")[1], ROLES["admin"], None)
    assert await api_keys.revoke(pool, found.id)
    assert await api_keys.verify(pool, VAULT, key) is None
    assert not await api_keys.revoke(pool, found.id)


async def test_a_key_works_until_it_expires(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", frozenset({"send"}), expires_in=timedelta(hours=1))
    found = await api_keys.verify(pool, VAULT, key)
    assert found is not None
    assert found.scopes == {"send"}
    assert 3590 < (found.expires_in_s or 0) <= 3600
    assert not (await _only(pool)).expired
    await pool.execute("update api_keys set expires_at = now()")
    assert await api_keys.verify(pool, VAULT, key) is None
    assert (await _only(pool)).expired


async def test_the_database_does_not_know_the_key(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", "admin")
    secret = key.split("_", 2)[2]
    rows = await pool.fetch("select api_keys::text from api_keys")
    assert rows
    assert not any(secret in row[0] for row in rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key.replace("hark", "mark"),
        lambda key: key.rpartition("_")[0],
        lambda key: key.replace("_", "_\0", 1),
        lambda key: key.replace("_", "_é", 1),
        lambda _: "",
    ],
)
async def test_almost_a_key_is_none(pool: "asyncpg.Pool[Record]", change: "type[str]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", "admin")
    assert await api_keys.verify(pool, VAULT, change(key)) is None


async def test_a_use_is_written_down_once_a_minute(pool: "asyncpg.Pool[Record]") -> None:
    await api_keys.create(pool, VAULT, "shop", "viewer")
    made = await _only(pool)
    assert made.last_used_at is None
    await asyncio.gather(*(api_keys.used(pool, made.id) for _ in range(3)))
    first = (await _only(pool)).last_used_at
    assert first is not None
    assert datetime.now(UTC) - first < timedelta(seconds=30)
    await api_keys.used(pool, made.id)
    assert (await _only(pool)).last_used_at == first
    await pool.execute("update api_keys set last_used_at = now() - interval '61 seconds'")
    await api_keys.used(pool, made.id)
    assert (await _only(pool)).last_used_at >= first  # type: ignore[operator]


async def test_a_row_has_a_role_or_scopes_and_not_both(pool: "asyncpg.Pool[Record]") -> None:
    for role, scopes in ((None, None), ("admin", ["send"])):
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "insert into api_keys (id, digest, name, role, scopes) values ('a', '', '', $1, $2)", role, scopes
            )


async def test_keys_of_the_version_before_may_do_everything(pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", "viewer")
    await pool.execute("""
        alter table api_keys drop column role, drop column scopes, drop column expires_at, drop column last_used_at
    """)
    [migration] = [one for one in known() if one.name == "0007_roles"]
    await pool.execute(migration.sql)
    async with pool.acquire() as connection:
        await connection.reload_schema_state()  # statements that are prepared knew the columns before
        found = await api_keys.verify(connection, VAULT, key)
    assert found is not None
    assert found.scopes == ROLES["admin"]


async def test_keys_of_before_work_once_their_digests_are_keyed(pool: "asyncpg.Pool[Record]") -> None:
    key, other = [await api_keys.create(pool, VAULT, name, "sender") for name in ("shop", "cron")]
    await pool.execute("alter table api_keys drop column digest, drop column sha256, add column digest bytea")
    for made in (key, other):
        plain = hashlib.sha256(made.encode()).digest()
        await pool.execute("update api_keys set digest = $2 where id = $1", api_keys.id_of(made), plain)
    [migration] = [one for one in known() if one.name == "0016_keyed_api_keys"]
    await pool.execute(migration.sql)
    assert await api_keys.are_of_before(pool)
    assert await api_keys.verify(pool, VAULT, key) is None
    assert await api_keys.key_those_of_before(pool, VAULT) == 2
    for made in (key, other):
        assert (await api_keys.verify(pool, VAULT, made) or Verified("", frozenset(), None)).id == api_keys.id_of(made)
    assert not await api_keys.are_of_before(pool)
    assert await pool.fetchval("select count(sha256) from api_keys") == 0


async def test_who_writes_to_the_database_cannot_make_a_key(pool: "asyncpg.Pool[Record]") -> None:
    made = f"hark_0123456789ab_{'x' * 43}"
    plain = hashlib.sha256(made.encode())
    elsewhere = Vault(Keys(KEYS.named, bytes(32))).digest(plain.hexdigest(), "api_keys")
    for number, digest in enumerate((plain.digest(), plain.hexdigest().encode(), elsewhere)):
        await pool.execute(
            "insert into api_keys (id, digest, name, role) values ($1, $2, 'mine', 'admin')", f"{number}", digest
        )
        assert await api_keys.verify(pool, VAULT, made) is None


async def _only(pool: "asyncpg.Pool[Record]") -> ApiKey:
    [key] = await api_keys.all_keys(pool)
    return key
