"""`hark check`, as an operator runs it."""

from pathlib import Path

from hub.store import api_keys
from hub.store.postgres import Pool
from tests.command import ran
from tests.encryption import VAULT
from tests.hub.check.test_rules import KEYS

GOOD = {
    "HARK_TOKEN_SECRET": "pT0mBpTqGz6rVUu3x1uyJzqV8l7cIuVbUj0l4m9H",
    "HARK_ENCRYPTION_KEYS": KEYS,
}


async def check(*arguments: str, **env: str) -> tuple[int, list[str]]:
    """Its exit code, and what it said."""
    code, out, _ = await ran("check", *arguments, **GOOD | env)
    return code, out.splitlines()


async def test_warnings_are_no_failure(database_url: str, pool: Pool) -> None:
    await api_keys.create(pool, VAULT, "ops", "admin")
    code, lines = await check("--url", "https://push.shop.example", HARK_DATABASE_URL=database_url)
    assert code == 0
    assert [line.partition(": ")[0] for line in lines[:-1]] == ["warning"] * (len(lines) - 1)
    assert any("(ops): It may do everything, for ever." in line for line in lines)
    assert lines[-1] == f"0 errors, {len(lines) - 1} warnings"


async def test_an_error_is_and_comes_first(database_url: str) -> None:
    env = {"HARK_DATABASE_URL": database_url, "HARK_URL": "http://push.shop.example"}
    code, lines = await check(**env)
    assert code == 1
    assert lines[0].startswith("error: TLS: ")


async def test_a_database_that_is_away_is_an_error() -> None:
    code, lines = await check(HARK_DATABASE_URL="postgres://hark@127.0.0.1:1/hark")
    assert code == 1
    assert lines[0].startswith("error: HARK_DATABASE_URL: Postgres: ")


async def test_a_database_that_was_never_migrated_lacks_all(postgres_url: str) -> None:
    code, lines = await check(HARK_DATABASE_URL=postgres_url)
    assert code == 1
    assert lines[0].startswith("error: migrations: The database lacks 0001_first, ")


async def test_a_file_that_everybody_reads_is_named_and_one_of_ones_own_is_not(tmp_path: Path) -> None:
    keys, account = tmp_path / "keys", tmp_path / "account.json"
    keys.write_text(KEYS)
    account.write_text("{}")
    keys.chmod(0o600)
    account.chmod(0o604)
    files = {"HARK_ENCRYPTION_KEYS": str(keys), "HARK_FCM_CREDENTIALS": str(account), "HARK_APNS_KEY": "x" * 5000}
    _, lines = await check(HARK_DATABASE_URL="postgres://hark@127.0.0.1:1/hark", **files)
    assert [line.split(":")[1] for line in lines if "can read" in line] == [" HARK_FCM_CREDENTIALS"]
