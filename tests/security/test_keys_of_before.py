"""API keys of a version that stored plain digests of them: what `hark migrate` makes of these, and of nothing else."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from hub.store import api_keys, encryption
from hub.vault import Vault
from hub.vault_keys import Keys
from tests.encryption import KEYS, VAULT
from tests.security.rest import hark, migrate_until

OTHER = Keys(KEYS.named, bytes(32))
OLD, PLANTED = (f"hark_{key_id}_{'x' * 43}" for key_id in ("0123456789ab", "ba9876543210"))


@pytest.fixture
async def old_url(postgres_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database of before, with one key in it."""
    server = await asyncpg.connect(postgres_url)
    await server.execute("create database of_before")
    url = f"{postgres_url.rpartition('/')[0]}/of_before"
    await migrate_until(url, tmp_path, "keyed_api_keys")
    db = await asyncpg.connect(url)
    await encryption.check(db, VAULT)
    await db.execute(
        "insert into api_keys (id, digest, name, role) values ($1, $2, 'shop', 'admin')",
        api_keys.id_of(OLD),
        _sha256(OLD),
    )
    await db.close()
    yield url
    await server.execute("drop database of_before with (force)")
    await server.close()


@pytest.mark.parametrize(("keys", "said"), [("", "is missing"), (OTHER.text(), "'lookup' is another key")])
async def test_nothing_is_migrated_that_could_not_be_keyed_then(old_url: str, keys: str, said: str) -> None:
    code, out, err = await hark(old_url, "migrate", keys=keys)
    assert (code, out) == (1, "")
    assert f"HARK_ENCRYPTION_KEYS{':' if keys else ''} {said}" in err
    db = await asyncpg.connect(old_url)
    assert await db.fetchval("select digest from api_keys") == _sha256(OLD)  # hubs of before go on
    await db.close()


async def test_they_are_keyed_and_what_somebody_writes_there_later_never_is(old_url: str) -> None:
    code, out, _ = await hark(old_url, "migrate")
    assert (code, out.splitlines()[-2:]) == (0, ["api_keys.digest: 1 of 1", "the database is up to date"])
    db = await asyncpg.connect(old_url)
    assert await api_keys.verify(db, VAULT, OLD) is not None
    assert await api_keys.verify(db, Vault(OTHER), OLD) is None
    with pytest.raises(asyncpg.NotNullViolationError):
        await db.execute(
            "insert into api_keys (id, sha256, name, role) values ($1, $2, 'mine', 'admin')",
            api_keys.id_of(PLANTED),
            _sha256(PLANTED),
        )
    await db.close()
    assert (await hark(old_url, "migrate", keys=""))[:2] == (0, "the database is up to date\n")


async def test_a_new_database_takes_none_of_them_either(postgres_url: str) -> None:
    server = await asyncpg.connect(postgres_url)
    await server.execute("create database of_now")
    url = f"{postgres_url.rpartition('/')[0]}/of_now"
    assert (await hark(url, "migrate", keys=""))[0] == 0
    db = await asyncpg.connect(url)
    with pytest.raises(asyncpg.NotNullViolationError):
        await db.execute("insert into api_keys (id, sha256, name, role) values ('1', '\\x00', 'mine', 'admin')")
    await db.close()
    await server.execute("drop database of_now with (force)")
    await server.close()


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
