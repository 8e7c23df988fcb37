"""Which keys rows are sealed with. Each is known again at every start, so that another key of the same name, or a list
that lacks one, is noticed before anything is written with it."""

import hmac

from hub.settings import SettingsError
from hub.store.postgres import Database
from hub.vault import SEALED, Vault
from hub.vault_keys import LOOKUP

_ALL = "select name, proof from encryption_keys order by created_at, name"

_NOTE = """
insert into encryption_keys (name, proof) select * from unnest($1::text[], $2::bytea[]) on conflict do nothing
"""

_IN_USE = """
select exists (select from sessions where starts_with(token, $1))
    or exists (select from users where starts_with(email, $1) or starts_with(phone, $1) or starts_with(chats, $1))
    or exists (select from webhook_secrets where starts_with(secret, $1))
"""

_FORGET = "delete from encryption_keys where name = any($1::text[])"


async def check(db: Database, vault: Vault) -> None:
    """Raises SettingsError when these are not the keys of this database; takes down those that are new to it."""
    await _compare(db, vault)
    proofs = vault.proofs()
    await db.execute(_NOTE, list(proofs), list(proofs.values()))
    await _compare(db, vault)  # somebody else may have been the first


async def is_known(db: Database) -> bool:
    """Whether this database is of a version that knows of keys."""
    return await db.fetchval("select to_regclass('encryption_keys')") is not None


async def forget_spare(db: Database, vault: Vault) -> list[str]:
    """Takes off those that no row is sealed with any more; gives those of them that the settings still have."""
    known = [row["name"] for row in await db.fetch(_ALL)]
    spare = [name for name in known if name not in {vault.newest, LOOKUP} and not await in_use(db, name)]
    await db.execute(_FORGET, spare)
    return [name for name in vault.names if name in spare]


async def in_use(db: Database, name: str) -> bool:
    """Whether any row is sealed with this key. Reads whole tables."""
    return bool(await db.fetchval(_IN_USE, f"{SEALED}{name}:"))


async def _compare(db: Database, vault: Vault) -> None:
    proofs = vault.proofs()
    for row in await db.fetch(_ALL):
        name, proof = row["name"], proofs.get(row["name"])
        if proof is None and await in_use(db, name):
            raise SettingsError(f"HARK_ENCRYPTION_KEYS lacks the key {name!r}, which rows of this database need")
        if proof is not None and not hmac.compare_digest(proof, row["proof"]):
            raise SettingsError(f"HARK_ENCRYPTION_KEYS: {name!r} is another key than this database knows by that name")
