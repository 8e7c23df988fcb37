"""Databases without the locks, snapshots and guards that the statements rely on."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from hub.store import accept, inbox
from tests.model.postgres import Pool, Postgres, Statement
from tests.model.tables import EntryRow, Row, Tables, addressed


class PlainSequence(Postgres):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._sequences: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))

    def lock(self, statement: Statement) -> bool:
        if statement.query == accept._STORE and statement.seqs is None:
            statement.seqs = [next(self._sequences[user]) for _, user in addressed(statement.args)]
        statement.has_locks = True
        return True

    def execute(self, statement: Statement) -> list[Row]:
        if statement.seqs is None:
            return super().execute(statement)
        return self.tables.store_as(statement.seqs, *statement.args)


class TornPages(Postgres):
    """The head of a page is newer than its entries."""

    async def ask(self, pool: Pool, query: str, args: tuple[Any, ...]) -> list[Row]:
        if query != inbox._PAGES:
            return await super().ask(pool, query, args)
        before = self.tables.copy()
        rows = await super().ask(pool, query, args)
        users, *_ = args
        return [
            Row(**{**dict(row), "head": self.tables.heads.get(users[row["place"] - 1], 0)})
            for row in before.pages(*args)
            if rows
        ]


class ClaimsWithoutALease(Tables):
    def lend(self, entry: EntryRow, *, until: float) -> None:
        super().lend(entry, until=until)
        entry.due_at = None


class HurriesWhatIsAcknowledged(Tables):
    def hurry(self, users: Sequence[str], seqs: Sequence[int]) -> list[Row]:
        for user, seq in zip(users, seqs, strict=True):
            self.entries[user, seq].due_at = self.clock()
        return []


class AckStopsNothing(Tables):
    def acknowledge(self, entry: EntryRow) -> None:
        due_at = entry.due_at
        super().acknowledge(entry)
        entry.due_at = due_at


class PushesWhatIsAcknowledged(Tables):
    def begin_attempt(self, *args: Any) -> list[Row]:
        entry = self.entries[args[0], args[1]]
        due_at, entry.due_at = entry.due_at, 0.0
        rows = super().begin_attempt(*args)
        entry.due_at = due_at
        return rows
