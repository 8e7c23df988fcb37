"""How long a refusal takes tells nothing: an id that no key has, and a wrong secret of one that there is."""

import functools
import os
import secrets

from hub.store import api_keys
from hub.store.postgres import Pool
from tests.encryption import VAULT
from tests.security.timings import t_of

TURNS = int(os.environ.get("HARK_TEST_TIMINGS", "500"))  # of each; 50,000 show a microsecond
APART = 12.0  # of |t|: 4.5 is a finding, and this no accident of a busy machine


def wrong(key_id: str) -> str:
    return f"hark_{key_id}_{secrets.token_urlsafe(api_keys.SECRET_BYTES)}"


def unknown() -> str:
    return wrong(secrets.token_hex(api_keys.ID_BYTES))


async def test_a_wrong_secret_takes_as_long_as_an_unknown_id(pool: Pool) -> None:
    known = api_keys.id_of(await api_keys.create(pool, VAULT, "shop", "sender"))
    async with pool.acquire() as db:
        t = await t_of(lambda key: api_keys.verify(db, VAULT, key), unknown, lambda: wrong(known), TURNS)
    assert abs(t) < APART


async def test_a_revoked_key_takes_as_long_as_one_with_a_wrong_secret(pool: Pool) -> None:
    revoked, good = [await api_keys.create(pool, VAULT, "shop", "sender") for _ in range(2)]
    await api_keys.revoke(pool, api_keys.id_of(revoked))
    async with pool.acquire() as db:
        guess = functools.partial(wrong, api_keys.id_of(good))

        def there() -> str:
            guess()  # making one leaves the processor's caches in another state than making none
            return revoked

        t = await t_of(lambda key: api_keys.verify(db, VAULT, key), there, guess, TURNS)
    assert abs(t) < APART


async def test_a_refusal_without_a_look_would_be_seen(pool: Pool) -> None:
    known = api_keys.id_of(await api_keys.create(pool, VAULT, "shop", "sender"))

    async with pool.acquire() as db:

        async def hasty(key: str) -> None:
            if api_keys.id_of(key) == known:
                await api_keys.verify(db, VAULT, key)

        assert abs(await t_of(hasty, unknown, lambda: wrong(known), TURNS)) > APART
