"""The audit log: one chain for all nodes.

A row is appended last in the transaction of the change that it tells of: whoever waits for the chain's lock holds
what it changed, and whoever has it waits for nothing but its commit. Sends never come here.
"""

from collections.abc import AsyncIterator

from hub.audit import START, Deed, Head, Row, linked
from hub.store.postgres import Database, Pool, Transaction, transaction

LOCK = 0x6861726B6175  # "harkau"
LOCK_TIMEOUT_S = 2.0  # then the change is a 503 and did not happen
PREFETCHED = 5000

_COLUMNS = "n, at, by, action, objects, outcome, hash"
# Times that Python does not have, which only somebody writes who changes the table, are read as one that no row has.
_AT = "case when at between '1970-01-01 UTC' and '9999-01-01 UTC' then at else 'epoch' end as at"
_HASH = "coalesce(hash, '') as hash"  # nor has one no hash
_READ = _COLUMNS.replace("at", _AT, 1).replace("hash", _HASH)

_LOCK = f"select pg_advisory_xact_lock({LOCK})"
# After the lock, in a statement of its own: one that began before would not see the row that was waited for.
_LAST = """
select clock_timestamp() as now, last.n, last.hash
from (select) as always left join (select n, coalesce(hash, '') as hash from audit order by n desc limit 1) as last
     on true
"""
_APPEND = f"insert into audit ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608 - constants of ours
_HEAD = f"select n, {_HASH} from audit order by n desc limit 1"  # noqa: S608
_ALL = f"select {_READ} from audit order by n"  # noqa: S608
_NEWEST = f"select * from (select {_READ} from audit order by n desc limit $1) as newest order by n"  # noqa: S608


async def append(connection: Transaction, deed: Deed) -> None:
    """The last statement of a transaction: others that append wait until it ends. TimeoutError: it took too long."""
    assert connection.is_in_transaction(), "the lock must be there until the row is"  # noqa: S101 - a caller's mistake
    await connection.execute(_LOCK, timeout=LOCK_TIMEOUT_S)
    row = await connection.fetchrow(_LAST)
    assert row is not None, "the query has one row"  # noqa: S101 - tells the type checker what SQL promises
    last = START if row["n"] is None else Head(row["n"], row["hash"])
    await connection.execute(_APPEND, *linked(last, row["now"], deed))


async def note(pool: Pool, *deeds: Deed) -> None:
    """Deeds that change nothing in Postgres, in a transaction of their own."""
    async with transaction(pool) as connection:
        for deed in deeds:
            await append(connection, deed)


async def head(db: Database) -> Head:
    """The newest row."""
    row = await db.fetchrow(_HEAD)
    return START if row is None else Head(*row)


async def every_row(connection: Transaction) -> AsyncIterator[Row]:
    """All there are, in order of their numbers, whichever those are; as of one moment, and never all in memory."""
    async with connection.transaction():
        async for row in connection.cursor(_ALL, prefetch=PREFETCHED):
            yield Row(*row)


async def newest(db: Database, *, limit: int) -> list[Row]:
    """The last so many, oldest first."""
    return [Row(*row) for row in await db.fetch(_NEWEST, limit)]
