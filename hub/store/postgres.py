"""The pool of Postgres connections, and which of its errors mean that Postgres is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeAlias
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[Record]"
Pool: TypeAlias = "asyncpg.Pool[Record]"
Transaction: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"  # that the caller began
Database: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record] | asyncpg.Pool[Record]"

PATIENCE_S = 1.5  # with a Postgres that does not answer: the caller gets its 503 within two seconds
COMMAND_TIMEOUT_S = 10.0
TRANSACTIONS = 3  # of `transaction`, of a process

# OSError: refused, reset. InterfaceError: the connection went while in use. The rest: Postgres said so.
UNAVAILABLE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, crash of a neighbour
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.InvalidAuthorizationSpecificationError,  # the password was changed, there or here
    asyncpg.ReadOnlySQLTransactionError,  # a standby answered during a failover
)


REFUSED = asyncpg.PostgresError  # of what was asked, unless it is one of the above
FAILED = (*UNAVAILABLE, REFUSED)  # anything at all that Postgres or the way to it can answer

# A deadlock or a serialization failure: the transaction is gone, the same again may well succeed.
ROLLED_BACK = asyncpg.TransactionRollbackError
TRY_AGAIN = (*UNAVAILABLE, ROLLED_BACK)

# A pool has none of its own: asyncpg's cannot be referred to weakly.
_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

# The value itself is too deep, too large or malformed for Postgres, though it passed every check before.
BAD_VALUE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)


@contextlib.asynccontextmanager
async def connection(url: str) -> AsyncIterator[Connection]:
    """One connection, for a command. Raises what UNAVAILABLE lists, and asyncpg.PostgresError."""
    made = await asyncpg.connect(url, timeout=PATIENCE_S)
    try:
        yield made
    finally:
        await made.close()


def pool(url: str, *, size: int) -> Pool:
    """A pool that is not connected yet; `await` it or enter it. It outlives a restart of Postgres."""
    return asyncpg.create_pool(
        url,
        min_size=0,  # a process starts, and says so on /ready, while Postgres is away
        max_size=size,
        timeout=PATIENCE_S,
        command_timeout=COMMAND_TIMEOUT_S,
        reset=_nothing_to_reset,
        server_settings={"application_name": "hark", "timezone": "UTC"},
    )


@contextlib.asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Transaction]:
    """A connection with a transaction that ends with the block: committed, or rolled back by what it raises. There are
    few at once, so that those that wait for a lock leave the pool to sends. TimeoutError: no room in time."""
    loop = asyncio.get_running_loop()
    room = _rooms.get(loop) or _rooms.setdefault(loop, asyncio.Semaphore(TRANSACTIONS))
    async with asyncio.timeout(PATIENCE_S):
        await room.acquire()
    try:
        async with pool.acquire() as connection, connection.transaction():
            yield connection
    finally:
        room.release()


def touched(status: str) -> int:
    """How many rows a command says it changed: 3 of "UPDATE 3", "INSERT 0 3", "DELETE 3"."""
    return int(status.rpartition(" ")[2])


async def _nothing_to_reset(_: object) -> None:
    """We change no setting of a session, listen to nothing and hold no advisory lock, and asyncpg has rolled back what
    was open: its own reset would be a second round trip for every query."""
