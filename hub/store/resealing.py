"""Seals again what another key sealed, or none, while everything goes on. The rows say what is left to do, so that it
may be stopped at any time and begun again."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import NamedTuple

import asyncpg

from hub.store.postgres import ROLLED_BACK, Database
from hub.store.sealed_columns import COLUMNS, Line, SealedColumn
from hub.vault import SEALED, Vault
from sessions.sealing import Unreadable

ROWS = 1000  # in one statement: none of them is locked for longer than some 50 ms
PASSES = 5  # through a column, if somebody goes on writing with an older key

_CONSTRAINT = "select convalidated from pg_constraint where conname = $1 and conrelid = to_regclass($2)"


class Progress(NamedTuple):
    """How far a column is."""

    column: str
    done: int
    of: int  # when it began
    unreadable: int  # left as they were


async def reseal(db: Database, vault: Vault, *, plain_only: bool = False) -> AsyncGenerator[Progress, None]:
    """Seals with the newest key, batch by batch; `plain_only` what is not sealed at all. Afterwards Postgres takes
    nothing any more that is not sealed."""
    prefix = SEALED if plain_only else vault.prefix
    for column in COLUMNS:
        async for progress in _column(db, vault, column, prefix):
            yield progress
        await _require(db, vault, column)


async def complete(db: Database) -> bool:
    """Whether Postgres takes nothing any more that is not sealed; else something may be left that never was."""
    return all([await _is_required(db, column) for column in COLUMNS])


async def left(db: Database, vault: Vault) -> int:
    """How many rows the newest key has not sealed."""
    return sum([await db.fetchval(column.count, vault.prefix) for column in COLUMNS])


async def _column(db: Database, vault: Vault, column: SealedColumn, prefix: str) -> AsyncIterator[Progress]:
    progress = Progress(f"{column.table}.{column.name}", 0, await db.fetchval(column.count, prefix), 0)
    for _ in range(PASSES):
        begun = progress.done
        progress = progress._replace(unreadable=0)
        async for done, unreadable in _pass(db, vault, column, prefix):
            progress = progress._replace(done=progress.done + done, unreadable=progress.unreadable + unreadable)
            yield progress
        if progress.done == begun:
            return


async def _pass(db: Database, vault: Vault, column: SealedColumn, prefix: str) -> AsyncIterator[tuple[int, int]]:
    after = column.before_all
    while rows := await db.fetch(column.read, *after, prefix, ROWS):
        lines = [line for row in rows if not isinstance(line := column.line(vault, row), Unreadable)]
        after = tuple(rows[-1].values())[: len(after)]
        yield await _write(db, column, lines), len(rows) - len(lines)


async def _write(db: Database, column: SealedColumn, lines: Sequence[Line]) -> int:
    """How many were written; none when others wrote the same at the same time, and the next pass comes by again."""
    if lines:
        try:
            await db.execute(column.write, *zip(*lines, strict=True))
        except (ROLLED_BACK, asyncpg.UniqueViolationError):
            return 0
    return len(lines)


async def _require(db: Database, vault: Vault, column: SealedColumn) -> None:
    """First of what is written from now on, then of what was written until now: no row waits for a whole table."""
    valid = await _is_required(db, column)
    if valid:
        return
    alter = f"alter table {column.table}"
    if valid is None:
        sealed = f"check (starts_with({column.name}, '{SEALED}'))"
        await db.execute(f"{alter} add constraint {column.constraint} {sealed} not valid")
    async for _ in _column(db, vault, column, SEALED):
        pass
    await db.execute(f"{alter} validate constraint {column.constraint}")


async def _is_required(db: Database, column: SealedColumn) -> bool | None:
    """False: of what is written from now on. None: not at all."""
    valid: bool | None = await db.fetchval(_CONSTRAINT, column.constraint, column.table)
    return valid
