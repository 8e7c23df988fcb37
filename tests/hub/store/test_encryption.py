"""Which keys a database knows."""

import asyncio

import asyncpg
import pytest
from asyncpg import Record

from hub.settings import SettingsError
from hub.store import encryption
from hub.vault import Vault
from hub.vault_keys import Keys
from sessions import contacts

ONE, TWO = Keys({"one": b"1" * 32}, b"l" * 32), Keys({"two": b"2" * 32}, b"l" * 32)
BOTH = Keys({**TWO.named, **ONE.named}, b"l" * 32)


async def test_those_that_many_processes_bring_at_once_are_taken_down(pool: "asyncpg.Pool[Record]") -> None:
    await asyncio.gather(*(encryption.check(pool, Vault(keys)) for keys in (ONE, BOTH) * 4))
    assert await _names(pool) == {"one", "two", "lookup"}


async def test_of_two_by_one_name_the_first_is_right(pool: "asyncpg.Pool[Record]") -> None:
    await encryption.check(pool, Vault(ONE))
    other = Keys({"new": b"n" * 32, "one": b"x" * 32}, ONE.lookup)
    with pytest.raises(SettingsError, match="'one' is another key"):
        await encryption.check(pool, Vault(other))
    with pytest.raises(SettingsError, match="'lookup' is another key"):
        await encryption.check(pool, Vault(Keys(ONE.named, b"x" * 32)))
    assert await _names(pool) == {"one", "lookup"}  # a wrong list leaves nothing behind


async def test_one_that_rows_need_may_not_go_and_one_that_none_needs_may(pool: "asyncpg.Pool[Record]") -> None:
    await encryption.check(pool, Vault(ONE))
    await contacts.put(pool, Vault(ONE), "ada", email=None, phone="+15005550199")
    with pytest.raises(SettingsError, match="lacks the key 'one'"):
        await encryption.check(pool, Vault(TWO))
    await encryption.check(pool, Vault(BOTH))
    await contacts.put(pool, Vault(BOTH), "ada", email=None, phone="+15005550199")
    await encryption.check(pool, Vault(TWO))
    assert await _names(pool) == {"one", "two", "lookup"}  # a process that still has it may write with it
    assert await encryption.forget_spare(pool, Vault(TWO)) == []
    assert await _names(pool) == {"two", "lookup"}


async def _names(pool: "asyncpg.Pool[Record]") -> set[str]:
    return {row["name"] for row in await pool.fetch("select name from encryption_keys")}
