"""The audit log at rest: one chain, whoever writes."""

import asyncio
import time

import asyncpg
import pytest

from hub.audit import CLI, START, Chain, Deed
from hub.store import audit, postgres, topics
from hub.store.postgres import Pool, transaction
from tests.hub_process import Customer

DEED = Deed(CLI, "key.revoked", {"key_id": "3f9a0c51d2e7"})


async def faults(pool: Pool) -> list[str]:
    chain = Chain()
    async with pool.acquire() as connection:
        found = [fault async for row in audit.every_row(connection) for fault in chain.look(row)]
    return [*found, *chain.end()]


async def test_many_writers_make_one_chain(pool: Pool) -> None:
    assert await audit.head(pool) == START
    await asyncio.gather(*(audit.note(pool, DEED, DEED) for _ in range(100)))
    assert (await audit.head(pool)).n == 200
    assert await faults(pool) == []
    newest = await audit.newest(pool, limit=3)
    assert [row.n for row in newest] == [198, 199, 200]
    assert newest[0].at <= newest[1].at <= newest[2].at
    assert newest[2].head == await audit.head(pool)


async def test_a_deed_is_written_with_its_change_or_not_at_all(pool: Pool) -> None:
    async def dies() -> None:
        async with transaction(pool) as connection:
            await topics.create(connection, "news")
            await audit.append(connection, DEED)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await dies()
    assert await topics.find(pool, "news") is None
    assert await audit.head(pool) == START


@pytest.mark.parametrize("change", ["update audit set by = 'nobody'", "delete from audit", "truncate audit"])
async def test_a_row_stays_as_it_is(pool: Pool, change: str) -> None:
    await audit.note(pool, DEED)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await pool.execute(change)


async def test_what_goes_round_the_guard_is_found(pool: Pool) -> None:
    await audit.note(pool, *[DEED] * 5)
    await pool.execute("alter table audit disable trigger audit_is_append_only")
    await pool.execute(
        "update audit set objects = replace(objects::text, '\"key_id\":', '\"key_id\": ')::json where n = 2"
    )
    await pool.execute("update audit set at = at + interval '1 microsecond' where n = 4")
    assert await faults(pool) == [
        "row 2 is not as it was written, or the row before it is not",
        "row 4 is not as it was written, or the row before it is not",
    ]


async def test_sends_wait_for_no_deed(hub: Customer, pool: Pool) -> None:
    async with transaction(pool) as connection, hub.online("ada") as device:
        await audit.append(connection, DEED)  # and does not end
        await hub.send("ada")
        assert (await device.heard())["t"] == "msg"


async def test_sends_go_on_while_all_changes_wait(hub: Customer, pool: Pool) -> None:
    async with transaction(pool) as connection:
        await audit.append(connection, DEED)  # and does not end
        changes = [asyncio.ensure_future(hub.http.put(f"/api/v1/topics/{number}")) for number in range(30)]
        done, _ = await asyncio.wait(changes, return_when=asyncio.FIRST_COMPLETED)
        started = time.monotonic()
        for _ in range(10):
            await hub.send("ada")
        assert time.monotonic() - started < 2
        answers = await asyncio.gather(*changes)
    assert {answer.status_code for answer in answers} == {503}
    assert (done.pop().result()).headers["retry-after"] == "1"
    assert await topics.page(pool, after="", limit=1) == []
    assert await faults(pool) == []


BY_ITS_OWNER = [
    "update audit set at = 'infinity' where n = 2",
    "update audit set at = '-infinity' where n = 2",
    "update audit set at = '4000-01-01 BC' where n = 2",
    "update audit set at = '20000-01-01' where n = 2",
    "update audit set n = -1 where n = 2",
    "update audit set n = 9223372036854775807 where n = 3",
    "update audit set hash = '' where n = 2",
    "update audit set objects = '{}' where n = 2",
    "update audit set by = '' where n = 2",
    "alter table audit alter hash drop not null; update audit set hash = null where n = 2",
    "alter table audit alter hash drop not null; update audit set hash = null where n = 3",
    "alter table audit alter objects drop not null; update audit set objects = null where n = 3",
    "alter table audit alter at drop not null; update audit set at = null where n = 3",
    "alter table audit drop constraint audit_pkey; insert into audit select * from audit",
    "alter table audit alter objects type jsonb",
]


async def test_whatever_the_owner_of_the_table_writes_is_a_fault_and_no_failure(database_url: str, pool: Pool) -> None:
    await audit.note(pool, *[Deed(CLI, "key.revoked", {"key_id": "3f9a0c51d2e7", "a": 1})] * 3)
    await pool.execute("alter table audit disable trigger audit_is_append_only")
    for change in BY_ITS_OWNER:
        chain = Chain()
        async with postgres.connection(database_url) as connection:  # one that has not seen the table otherwise
            undone = connection.transaction()
            await undone.start()
            await connection.execute(change)
            assert [fault async for row in audit.every_row(connection) for fault in chain.look(row)], change
            assert await audit.newest(connection, limit=9)
            assert str(await audit.head(connection))
            if str(2**63 - 1) not in change:  # behind that there is no number
                await audit.append(connection, DEED)
            await undone.rollback()
    assert await faults(pool) == []
