"""The audit log at rest: one chain, whoever writes."""

import asyncio
import time

import asyncpg
import pytest

from hub.audit import CLI, START, Chain, Deed
from hub.store import audit, topics
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
