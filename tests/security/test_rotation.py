"""`hark keys encryption`, `hark keys rotate`, and what `hark migrate` does with rows from before there were keys."""

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
import pytest
from asyncpg import Record

from hub.ids import uuid7
from hub.settings import Settings
from hub.store import resealing
from hub.store.resealing import Progress
from hub.vault import Vault
from hub.vault_keys import EncryptionSettings, Keys, load
from sessions import contacts
from sessions import store as sessions
from sessions.session import Registration, Session
from tests.browser import Browser
from tests.encryption import ENCRYPTION_KEYS, KEYS
from tests.hub_process import Customer, running_hub
from tests.jobs.test_contacts import put
from tests.security.rest import dump, hark, migrate_to_plain

NEWER = Keys({"second": b"2" * 32, **KEYS.named}, KEYS.lookup)
ONLY_NEWER = Keys({"second": b"2" * 32}, KEYS.lookup)
EMAIL, PHONE = "ada@example.com", "+15005550199"
USERS = int(os.environ.get("HARK_TEST_ROWS", "10000"))
PER_SECOND = 100_000 / 60

_PLAIN_SESSIONS = """
insert into sessions (id, user_id, platform, provider, app, token, token_digest, state)
select gen_random_uuid(), 'user-' || n, 'ios', 'apns', '', 'token-' || n, sha256(convert_to('token-' || n, 'UTF8')),
       'active'
from generate_series(1, $1) n
"""

_PLAIN_BROWSER = """
insert into sessions (id, user_id, platform, provider, app, token, token_digest, state)
values (gen_random_uuid(), 'ada', 'web', 'webpush', '', $1, $2, 'active')
"""


@pytest.fixture
async def plain_url(postgres_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database from before anything was encrypted."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("create database plain")
    url = f"{postgres_url.rpartition('/')[0]}/plain"
    await migrate_to_plain(url, tmp_path)
    yield url
    await connection.execute("drop database plain with (force)")
    await connection.close()


async def test_a_key_is_made_and_the_next_one_comes_in_front_of_it(database_url: str) -> None:
    code, out, _ = await hark(database_url, "keys", "encryption", keys="")
    first = load(out.splitlines()[0].removeprefix("HARK_ENCRYPTION_KEYS="))
    assert (code, len(first.named)) == (0, 1)
    _, out, _ = await hark(database_url, "keys", "encryption", keys=first.text())
    second = load(out.splitlines()[0].removeprefix("HARK_ENCRYPTION_KEYS="))
    assert (list(second.named)[1:], second.lookup) == (list(first.named), first.lookup)


async def test_everything_is_encrypted_with_the_first_key_and_the_others_may_go(
    hub: Customer, database_url: str, pool: "asyncpg.Pool[Record]"
) -> None:
    session_id = await hub.register_phone("ada", "ios", "0a" * 32)
    await put(hub, "ada", email=EMAIL, phone=PHONE)
    made = await hub.add_webhook("https://shop.example/hark")
    code, out, err = await hark(database_url, "keys", "rotate", keys=NEWER.text())
    assert (code, err) == (0, "")
    assert "sessions.token: 1 of 1\nusers.email: 1 of 1\nusers.phone: 1 of 1\nwebhook_secrets.secret: 1 of 1\n" in out
    assert out.endswith("nothing needs these any more, once every hub and worker has 'second' first: first\n")
    assert "sealed:first:" not in await dump(database_url)

    vault = Vault(ONLY_NEWER)
    [target] = await sessions.reachable(pool, vault, ["ada"])
    assert (target.token, str(target.session_id)) == ("0a" * 32, session_id)
    found = await contacts.find(pool, vault, "ada")
    assert found is not None
    assert (found.email, found.phone) == (EMAIL, PHONE)
    code, out, _ = await hark(database_url, "webhooks", "test", made["id"], keys=ONLY_NEWER.text())
    assert "no_secret" not in out
    code, out, _ = await hark(database_url, "keys", "rotate", keys=ONLY_NEWER.text())
    assert (code, out) == (0, "everything is encrypted with 'second'\n")


async def test_it_goes_on_while_devices_register(
    settings: Settings, pool: "asyncpg.Pool[Record]", database_url: str
) -> None:
    encryption = EncryptionSettings(encryption_keys=NEWER.text())
    async with running_hub(msgspec.structs.replace(settings, encryption=encryption), pool) as hub:
        await _fill(pool, 2000)
        before = {str(row["id"]) for row in await pool.fetch("select id from sessions")}
        rotating = asyncio.create_task(hark(database_url, "keys", "rotate", keys=NEWER.text()))
        answers = []
        number = 0
        while not rotating.done():
            number += 1
            again = number % 2000 + 1  # those that are there come back, and others with them
            answers.append(await hub.register_phone(f"user-{again}", "ios", f"token-{again}"))
            answers.append(await hub.register_phone(f"new-{number}", "ios", f"new-token-{number}"))
        assert (await rotating)[0] == 0
    assert set(answers[::2]) <= before  # each is known again, whatever key its token was under
    assert await pool.fetchval("select count(*) from sessions") == 2000 + number
    assert await resealing.left(pool, Vault(NEWER)) == 0
    targets = await sessions.reachable(pool, Vault(ONLY_NEWER), [f"user-{n}" for n in range(1, 2001)])
    assert {target.user_id: target.token for target in targets} == {f"user-{n}": f"token-{n}" for n in range(1, 2001)}


async def test_what_was_interrupted_goes_on_where_it_was(pool: "asyncpg.Pool[Record]") -> None:
    await _fill(pool, 2500)
    progress = resealing.reseal(pool, Vault(NEWER))
    assert await anext(progress) == Progress("sessions.token", 1000, 2500, 0)
    await progress.aclose()
    assert await resealing.left(pool, Vault(NEWER)) == 1500
    assert await anext(resealing.reseal(pool, Vault(NEWER))) == Progress("sessions.token", 1000, 1500, 0)


async def test_a_hundred_thousand_rows_take_a_minute_at_most(pool: "asyncpg.Pool[Record]") -> None:
    await _fill(pool, USERS)
    started = time.perf_counter()
    *_, last = [progress async for progress in resealing.reseal(pool, Vault(NEWER))]
    assert last == Progress("sessions.token", USERS, USERS, 0)
    assert USERS / (time.perf_counter() - started) > PER_SECOND


async def test_a_row_that_cannot_be_read_stays_and_is_told(
    hub: Customer, database_url: str, pool: "asyncpg.Pool[Record]"
) -> None:
    for user in ("ada", "eve", "grace"):
        await put(hub, user, email=f"{user}@example.com")
    await pool.execute("update users u set email = o.email from users o where u.user_id = 'eve' and o.user_id = 'ada'")
    before = await pool.fetchval("select email from users where user_id = 'eve'")
    code, out, err = await hark(database_url, "keys", "rotate", keys=NEWER.text())
    assert code == 1
    assert "users.email: 2 of 3, 1 cannot be read\n" in out
    assert err == "hark: 1 rows are not encrypted with 'second': they cannot be read, or were written since\n"
    assert "example.com" not in out + err
    assert await pool.fetchval("select email from users where user_id = 'eve'") == before
    code, _, err = await hark(database_url, "keys", "rotate", keys=ONLY_NEWER.text())
    assert (code, err) == (1, "hark: HARK_ENCRYPTION_KEYS lacks the key 'first', which rows of this database need\n")


async def test_what_was_stored_before_there_were_keys_is_encrypted_by_the_migration(plain_url: str) -> None:
    connection = await asyncpg.connect(plain_url)
    await connection.execute(_PLAIN_SESSIONS, 1500)
    await connection.execute("insert into users (user_id, email, phone) values ('ada', $1, $2)", EMAIL, PHONE)
    await connection.execute("insert into webhook_secrets values (gen_random_uuid(), 'whsec_canary')")
    code, out, err = await hark(plain_url, "migrate", keys="")
    assert code == 1
    assert re.search(r"applied \d{4}_encryption", out)
    assert err.startswith("hark: HARK_ENCRYPTION_KEYS is missing")

    code, out, err = await hark(plain_url, "migrate")
    assert (code, err) == (0, "")
    assert out.endswith("webhook_secrets.secret: 1 of 1\nthe database is up to date\n")
    dumped = await dump(plain_url)
    canaries = {"token-7", EMAIL, PHONE, "whsec_canary", hashlib.sha256(b"token-7").hexdigest()}
    assert [canary for canary in canaries if f"'{canary}'" in dumped or f"x{canary}" in dumped] == []
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(_PLAIN_SESSIONS, 1)
    assert (await hark(plain_url, "migrate", keys=""))[:2] == (0, "the database is up to date\n")
    await connection.close()


async def test_until_then_what_is_plain_is_read_and_a_device_that_came_back_is_there_once(
    plain_url: str, vault: Vault
) -> None:
    connection = await asyncpg.connect(plain_url)
    await connection.execute(_PLAIN_SESSIONS, 2)
    assert (await hark(plain_url, "migrate", keys=""))[0] == 1
    assert [one.token for one in await sessions.reachable(connection, vault, ["user-1"])] == ["token-1"]

    registered = await _register(connection, vault, "user-1", "token-1")
    assert (await hark(plain_url, "migrate"))[0] == 0
    [once] = await sessions.of_user(connection, "user-1")
    assert once.id == registered
    [target] = await sessions.reachable(connection, vault, ["user-2"])
    assert target.token == "token-2"
    assert await _register(connection, vault, "user-2", "token-2") == target.session_id
    await connection.close()


async def test_a_browsers_subscription_from_before_is_known_again_by_its_endpoint(
    plain_url: str, vault: Vault, browser: Browser
) -> None:
    connection = await asyncpg.connect(plain_url)
    await connection.execute(_PLAIN_BROWSER, browser.subscription, hashlib.sha256(browser.endpoint.encode()).digest())
    assert (await hark(plain_url, "migrate"))[0] == 0
    [target] = await sessions.reachable(connection, vault, ["ada"])
    assert target.token == browser.subscription
    web = Registration(
        user_id="ada", platform="web", provider="webpush", token="{}", unique_part=browser.endpoint, app="shop"
    )
    registered = await sessions.register(connection, vault, uuid7(), web)
    assert isinstance(registered, Session)
    assert registered.id == target.session_id
    await connection.close()


async def test_a_browser_is_known_again_after_a_rotation(
    hub: Customer, browser: Browser, database_url: str, pool: "asyncpg.Pool[Record]"
) -> None:
    session_id = await hub.register("ada", browser.subscription)
    assert (await hark(database_url, "keys", "rotate", keys=NEWER.text()))[0] == 0
    assert await hub.register("ada", browser.subscription) == session_id
    assert await pool.fetchval("select count(*) from sessions") == 1


async def _fill(pool: "asyncpg.Pool[Record]", users: int) -> None:
    """Phones, with tokens under the first key."""
    await pool.execute("alter table sessions drop constraint sessions_token_sealed")
    await pool.execute(_PLAIN_SESSIONS, users)
    async for _ in resealing.reseal(pool, Vault(load(ENCRYPTION_KEYS))):
        pass


async def _register(db: sessions.Database, vault: Vault, user_id: str, token: str) -> UUID:
    phone = Registration(user_id=user_id, platform="ios", provider="apns", token=token, unique_part=token)
    registered = await sessions.register(db, vault, uuid7(), phone)
    assert isinstance(registered, Session)
    return registered.id
