"""Postgres, in memory: statements that wait for each other's row locks, commit one by one, and may hang at any point or
fail before or after their commit."""

import asyncio
from typing import Any, cast

from hub.store import accept
from hub.store import postgres as hub_postgres
from tests.model.tables import Row, Tables


class Statement:
    """One on its way: asked, then with its locks taken, then committed, then answered."""

    def __init__(self, pool: "Pool", query: str, args: tuple[Any, ...], future: "asyncio.Future[list[Row]]") -> None:
        self.pool = pool
        self.query = query
        self.args = args
        self.future = future
        self.seqs: list[int] | None = None
        self.has_locks = False
        self.rows: list[Row] | None = None  # when committed

    @property
    def users(self) -> set[str]:
        """Whose inbox rows it locks."""
        return set(self.args[1]) if self.query == accept._STORE else set()


class Pool:
    """One process's connections."""

    def __init__(self, postgres: "Postgres") -> None:
        self._postgres = postgres
        self.is_slow = False  # statements wait until somebody lets them go on
        self.is_cut = False  # its process was killed
        self.waiting: list[Statement] = []

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        """See asyncpg."""
        await asyncio.sleep(0)
        return await self._postgres.ask(self, query, args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        """See asyncpg."""
        rows = await self.fetch(query, *args)
        return next(iter(rows[0])) if rows else None

    async def execute(self, query: str, *args: Any) -> str:
        """See asyncpg. A statement's rows are those it changed."""
        return f"UPDATE {len(await self.fetch(query, *args))}"

    def for_the_hub(self) -> hub_postgres.Pool:
        """As far as the hub can tell."""
        return cast("hub_postgres.Pool", self)


class Postgres:
    """The server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tables: Tables) -> None:
        self._loop = loop
        self._locks: dict[str, Statement] = {}
        self.is_down = False
        self.pools: list[Pool] = []
        self.ledger = tables.ledger
        self.tables = tables
        self._statements = tables.statements()
        self.back_up()

    def pool(self) -> Pool:
        """For one process."""
        pool = Pool(self)
        self.pools.append(pool)
        return pool

    async def ask(self, pool: Pool, query: str, args: tuple[Any, ...]) -> list[Row]:
        """Raises what Postgres does when it is away."""
        if self.is_down or pool.is_cut:
            raise ConnectionRefusedError("Postgres is down")
        statement = Statement(pool, query, args, self._loop.create_future())
        pool.waiting.append(statement)
        self.go_on()
        return await statement.future

    def go_on(self) -> None:
        """Every statement that nothing holds up."""
        progress = True
        while progress:
            progress = False
            for pool in self.pools:
                for statement in [] if pool.is_slow else list(pool.waiting):
                    if self.commit(statement):
                        self.answer(statement)
                        progress = True

    def lock(self, statement: Statement) -> bool:
        """Whether it has its row locks now. They are held to the end of the transaction."""
        if statement.has_locks:
            return True
        if any(user in self._locks for user in statement.users):
            return False
        self._locks.update(dict.fromkeys(statement.users, statement))
        statement.has_locks = True
        return True

    def commit(self, statement: Statement) -> bool:
        """Whether it could: it may have to wait for a lock."""
        if statement.rows is None and self.lock(statement):
            statement.rows = self.execute(statement)
            self._unlock(statement)
        return statement.rows is not None

    def execute(self, statement: Statement) -> list[Row]:
        """Its effect."""
        return self._statements[statement.query](*statement.args)

    def answer(self, statement: Statement) -> None:
        """Its process hears of it."""
        statement.pool.waiting.remove(statement)
        if not statement.future.done():
            statement.future.set_result(statement.rows or [])

    def fail(self, statement: Statement) -> None:
        """Its connection is lost; what is not committed is rolled back."""
        self._unlock(statement)
        statement.pool.waiting.remove(statement)
        if not statement.future.done():
            statement.future.set_exception(ConnectionResetError("the connection was lost"))

    def step(self, statement: Statement) -> None:
        """One step further."""
        if statement.rows is not None:
            self.answer(statement)
        elif statement.has_locks or not statement.users:
            self.commit(statement)
        else:
            self.lock(statement)

    def cut(self, pool: Pool) -> None:
        """Its process was killed."""
        pool.is_cut = True
        self.pools.remove(pool)
        for statement in list(pool.waiting):
            self.fail(statement)

    def die(self) -> None:
        """Nothing is asked any more until it is back; what is committed is kept."""
        self.is_down = True
        for pool in self.pools:
            for statement in list(pool.waiting):
                self.fail(statement)

    def back_up(self) -> None:
        """Keeps what is there."""
        self._backup = self.tables.copy(), dict(self.ledger.history)

    def restore(self) -> None:
        """To the backup, whose history goes on in another way."""
        tables, history = self._backup
        self.tables = tables.copy()
        self._statements = self.tables.statements()
        self.ledger.histories.append(dict(history))

    def _unlock(self, statement: Statement) -> None:
        for user in statement.users:
            if self._locks.get(user) is statement:
                del self._locks[user]
