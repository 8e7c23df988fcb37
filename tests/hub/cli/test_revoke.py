"""`hark revoke`, as an operator runs it."""

import asyncio
from datetime import UTC, datetime

import pytest

from hub.store import revocations
from hub.store.postgres import Pool
from hub.vault_keys import Keys
from tests.command import ran
from tests.device import device
from tests.encryption import ENCRYPTION_KEYS, KEYS
from tests.hub_process import Customer


async def hark(database_url: str, redis_url: str, *arguments: str, keys: str = ENCRYPTION_KEYS) -> tuple[int, str, str]:
    urls = {"HARK_DATABASE_URL": database_url, "HARK_REDIS_URL": redis_url}
    return await ran("revoke", *arguments, HARK_ENCRYPTION_KEYS=keys, **urls)


async def test_a_running_hub_hears_of_it(database_url: str, redis_url: str, hub: Customer) -> None:
    async with hub.online("ada") as page, hub.online("grace") as other:
        assert await hark(database_url, redis_url, "--user", "ada", "--user", "grace") == (0, "revoked\n", "")
        assert await page.closed() == await other.closed() == 4001


async def test_it_is_stored_without_redis(database_url: str, pool: Pool) -> None:
    nobody = "redis://127.0.0.1:1"
    before = datetime.now(UTC).isoformat()
    for arguments in (["--session", "laptop", "--issued-before", before], ["--token", "x"]):
        code, out, _ = await hark(database_url, nobody, *arguments)
        assert (code, out) == (0, "revoked; Redis is away: hubs see it within seconds\n")
    rows = await pool.fetch("select kind, subject from revocations order by kind")
    assert [tuple(row) for row in rows] == [("session", "laptop"), ("token", "x")]
    assert (await revocations.since(pool, 0)).revision == 2


@pytest.mark.usefixtures("pool")
async def test_it_is_stored_without_encryption_keys(database_url: str, redis_url: str) -> None:
    code, out, _ = await hark(database_url, redis_url, "--user", "ada", keys="")
    assert (code, out) == (
        0,
        "revoked; without HARK_ENCRYPTION_KEYS hubs cannot be told: they see it within seconds\n",
    )


@pytest.mark.usefixtures("hub")
async def test_it_says_when_its_encryption_keys_are_not_those_of_the_hubs(database_url: str, redis_url: str) -> None:
    other = Keys(KEYS.named, bytes(32)).text()
    code, out, _ = await hark(database_url, redis_url, "--user", "ada", keys=other)
    assert (code, out) == (
        0,
        "revoked; no hub listens there that has these HARK_ENCRYPTION_KEYS: any sees it within seconds\n",
    )


async def test_it_is_listed_and_undone(database_url: str, redis_url: str, hub: Customer) -> None:
    token = await hub.token("ada\u202e")
    assert (await hark(database_url, redis_url, "--user", "ada\u202e"))[0] == 0
    _, listed, _ = await hark(database_url, redis_url, "--list")
    [revocation_id, kind, *_, subject] = listed.split()
    assert (kind, subject) == ("user", "'ada\\u202e'")
    assert await hark(database_url, redis_url, "--undo", revocation_id) == (0, "undone\n", "")
    async with device(hub.url, token) as page, asyncio.timeout(2):
        assert (await page.heard())["t"] == "welcome"
    assert (await hark(database_url, redis_url, "--list"))[:2] == (0, "")
    again = await hark(database_url, redis_url, "--undo", revocation_id)
    assert again == (1, "", "hark: no such revocation is in force (`hark revoke --list`)\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "one of the arguments"),
        (("--user", "ada", "--token", "x"), "not allowed with"),
        (("--undo", "x"), "must be an id"),
        (("--list", "--undo", "x"), "must be an id"),
        (("--user", "ada", "--issued-before", "yesterday"), "must be a time with its zone"),
        (("--user", "ada", "--issued-before", "2026-01-31T12:00:00"), "must be a time with its zone"),
    ],
)
async def test_what_names_nobody_is_refused(database_url: str, arguments: tuple[str, ...], why: str) -> None:
    code, _, err = await hark(database_url, "redis://127.0.0.1:1", *arguments)
    assert (code, why in err) == (2, True)
