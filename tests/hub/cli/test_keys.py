"""`hark keys`, as an operator runs it."""

import re

import asyncpg
import pytest
from asyncpg import Record

from hub.roles import ROLES
from hub.store import api_keys, encryption
from hub.vault_keys import Keys
from tests.command import ran
from tests.encryption import ENCRYPTION_KEYS, KEYS, VAULT


async def hark(database_url: str, *arguments: str, keys: str = ENCRYPTION_KEYS) -> tuple[int, str, str]:
    return await ran("keys", *arguments, HARK_DATABASE_URL=database_url, HARK_ENCRYPTION_KEYS=keys)


async def test_a_key_is_made_for_a_role_and_a_time_and_shown_once(
    database_url: str, pool: "asyncpg.Pool[Record]"
) -> None:
    code, out, _ = await hark(database_url, "create", "shop", "--role", "sender", "--expires-in", "90d")
    key = out.removesuffix("\n")
    found = await api_keys.verify(pool, VAULT, key)
    assert found is not None
    assert (code, found.scopes) == (0, ROLES["sender"])
    assert 0 <= 90 * 86400 - (found.expires_in_s or 0) < 60
    for arguments in ((), ("list",)):
        code, out, _ = await hark(database_url, *arguments)
        told = rf"{found.id}  20\d\d-\d\d-\d\d  until 20\d\d-\d\d-\d\d \d\d:\d\d +sender +never used +shop\n"
        assert code == 0
        assert re.fullmatch(told, out)
        assert key not in out


async def test_a_key_may_have_scopes_of_its_own(database_url: str, pool: "asyncpg.Pool[Record]") -> None:
    _, out, _ = await hark(database_url, "create", "cron", "--scope", "send", "--scope", "topics:write")
    found = await api_keys.verify(pool, VAULT, out.strip())
    assert found is not None
    assert found.scopes == {"send", "topics:write"}
    assert found.expires_in_s is None
    assert "  in use                    send,topics:write  never used             cron" in (await hark(database_url))[1]


async def test_none_is_made_that_no_hub_of_this_database_would_know(
    database_url: str, pool: "asyncpg.Pool[Record]"
) -> None:
    await encryption.check(pool, VAULT)
    other = Keys(KEYS.named, bytes(32)).text()
    code, out, err = await hark(database_url, "create", "shop", "--role", "sender", keys=other)
    assert (code, out) == (1, "")
    assert "'lookup' is another key" in err
    assert await api_keys.all_keys(pool) == []


async def test_one_is_revoked_once_and_stays_in_the_list(database_url: str, pool: "asyncpg.Pool[Record]") -> None:
    key = await api_keys.create(pool, VAULT, "shop", "admin")
    key_id = key.split("_")[1]
    assert (await hark(database_url, "revoke", key_id))[:2] == (
        0,
        f"{key_id} is revoked; Redis is away: hubs see it within seconds\n",
    )
    assert await api_keys.verify(pool, VAULT, key) is None
    assert await hark(database_url, "revoke", key_id) == (1, "", f"hark: no API key in use has the id {key_id}\n")
    assert f"{key_id}  " in (listed := (await hark(database_url, "list"))[1])
    assert "revoked 20" in listed


async def test_one_that_expired_says_so(database_url: str, pool: "asyncpg.Pool[Record]") -> None:
    await api_keys.create(pool, VAULT, "shop", "admin")
    await pool.execute("update api_keys set expires_at = now(), last_used_at = now()")
    listed = (await hark(database_url, "list"))[1]
    assert "expired 20" in listed
    assert "used 20" in listed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "one of the arguments --role --scope is required"),
        (("--role", "emperor"), "invalid choice: 'emperor'"),
        (("--role", "admin", "--scope", "send"), "not allowed with argument"),
        (("--scope", "everything"), "invalid choice: 'everything'"),
        (("--role", "viewer", "--expires-in", "90"), "as in 90d"),
        (("--role", "viewer", "--expires-in", "0d"), "as in 90d"),
        (("--role", "viewer", "--expires-in", "-1d"), "expected one argument"),
        (("--role", "viewer", "--expires-in", "9999999w"), "must be at most 3650d"),
    ],
)
async def test_nobody_gets_what_was_not_asked_for(
    database_url: str, pool: "asyncpg.Pool[Record]", arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = await hark(database_url, "create", "shop", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert await api_keys.all_keys(pool) == []
