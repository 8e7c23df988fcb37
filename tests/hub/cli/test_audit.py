"""`hark audit`, as an operator runs it."""

import re

from hub.audit import CLI, HEADS, START, Deed, signed
from hub.store import audit
from hub.store.postgres import Pool
from tests.command import ran
from tests.encryption import ENCRYPTION_KEYS, VAULT

DEED = Deed(CLI, "key.revoked", {"key_id": "3f9a0c51d2e7"})


async def hark(database_url: str, *arguments: str) -> tuple[int, str, str]:
    return await ran(*arguments, HARK_DATABASE_URL=database_url, HARK_ENCRYPTION_KEYS=ENCRYPTION_KEYS)


async def test_what_commands_do_is_there_and_no_secret(database_url: str) -> None:
    _, key, _ = await hark(database_url, "keys", "create", "shop", "--role", "sender")
    key_id = key.split("_")[1]
    await hark(database_url, "keys", "revoke", key_id)
    await hark(database_url, "keys", "revoke", key.strip())  # not an id: what was typed is not written down
    code, out, _ = await hark(database_url, "audit", "list")
    one, other = out.splitlines()
    at = r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"
    assert code == 0
    assert re.fullmatch(rf'1  {at}  cli +key\.created +done +{{"key_id":"{key_id}","role":"sender"}}', one)
    assert re.fullmatch(rf'2  {at}  cli +key\.revoked +done +{{"key_id":"{key_id}"}}', other)
    assert key.split("_", 2)[2].strip() not in out
    assert (await hark(database_url, "audit", "list", "--last", "1"))[1].splitlines() == [other]


async def test_a_log_that_nobody_touched_is_whole(database_url: str, pool: Pool) -> None:
    code, empty, _ = await hark(database_url, "audit", "head")
    assert (code, empty.strip()) == (0, str(signed(START, VAULT.derived(HEADS))))
    await audit.note(pool, DEED, DEED)
    _, head, _ = await hark(database_url, "audit", "head")
    await audit.note(pool, DEED)
    code, out, _ = await hark(database_url, "audit", "verify", "--head", empty.strip(), "--head", head.strip())
    assert (code, out) == (0, f"3 rows are as they were written; head {await audit.head(pool)}\n")


async def test_one_that_was_cut_off_is_not(database_url: str, pool: Pool) -> None:
    await audit.note(pool, *[DEED] * 3)
    head = str(await audit.head(pool))
    await pool.execute("alter table audit disable trigger audit_is_append_only")
    await pool.execute("delete from audit where n = 3")
    assert (await hark(database_url, "audit", "verify"))[0] == 0  # a shorter log looks as if nothing more had been
    code, out, err = await hark(database_url, "audit", "verify", "--head", head)
    assert (code, err) == (1, "hark: the audit log was changed\n")
    assert out == f"the rows behind 2 are missing: there were 3 when the head {head} was noted\n"


async def test_a_head_that_somebody_else_signed_is_no_witness(database_url: str, pool: Pool) -> None:
    await audit.note(pool, DEED)
    forged = signed(await audit.head(pool), b"another key")
    code, out, err = await hark(database_url, "audit", "verify", "--head", str(forged))
    assert (code, err) == (1, "hark: the audit log was changed\n")
    assert out == f"the head {forged} was not signed with HARK_ENCRYPTION_KEYS\n"


async def test_many_faults_are_counted(database_url: str, pool: Pool) -> None:
    await audit.note(pool, *[DEED] * 30)
    await pool.execute("alter table audit disable trigger audit_is_append_only")
    await pool.execute("update audit set by = 'shop'")
    code, out, _ = await hark(database_url, "audit", "verify")
    assert (code, len(out.splitlines()), out.splitlines()[-1]) == (1, 21, "and 10 more")


async def test_what_is_no_head_is_refused(database_url: str) -> None:
    code, _, err = await hark(database_url, "audit", "verify", "--head", "12")
    assert code == 2
    assert "must be N:HASH" in err
