"""The pool of Postgres connections, and which of its errors mean that Postgres is away."""

import asyncio
from typing import TypeAlias

import asyncpg
from asyncpg import Connection, Pool, Record
from asyncpg.pool import PoolConnectionProxy

Database: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record] | Pool[Record]"

ACQUIRE_TIMEOUT_S = 2.0  # a caller gets its 503 within two seconds
COMMAND_TIMEOUT_S = 10.0

# OSError: refused, reset. InterfaceError: the connection went while in use. The rest: Postgres said so.
UNAVAILABLE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, crash of a neighbour
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby answered during a failover
)


def pool(url: str, *, size: int) -> "Pool[Record]":
    """A pool that is not connected yet; `await` it or enter it. It outlives a restart of Postgres."""
    return asyncpg.create_pool(
        url,
        min_size=0,  # a process starts, and says so on /ready, while Postgres is away
        max_size=size,
        timeout=ACQUIRE_TIMEOUT_S,
        command_timeout=COMMAND_TIMEOUT_S,
        server_settings={"application_name": "hark", "timezone": "UTC"},
    )
