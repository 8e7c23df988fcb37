"""Forward-only migrations: `hub/migrations/NNNN_name.sql`, each in one transaction, each applied once."""

import asyncio
import hashlib
from pathlib import Path

import msgspec

from hub.store import postgres
from hub.store.postgres import Database

FOLDER = Path(__file__).parent.parent / "migrations"
LOCK = 0x6861726B  # "hark"
WAIT_FOR_LOCK_S = 60.0

_HISTORY = """
create table if not exists migrations (
    number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
)
"""


class MigrationError(Exception):
    """The database and this build do not fit; the message says how."""


class Migration(msgspec.Struct, frozen=True):
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What tells that an applied file was edited."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of this build, in order."""
    return [
        Migration(int(f.name[:4]), f.stem, f.read_text()) for f in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]


def missing(applied: dict[int, str], migrations: list[Migration]) -> list[Migration]:
    """What is left to apply. Raises MigrationError when history differs from this build."""
    numbers = {migration.number for migration in migrations}
    if newer := applied.keys() - numbers:
        raise MigrationError(f"the database is newer than this build: it has migration {max(newer)}")
    for migration in migrations:
        if applied.get(migration.number, migration.sha256) != migration.sha256:
            raise MigrationError(f"migration {migration.name} was edited after it was applied")
    return [migration for migration in migrations if migration.number not in applied]


async def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Brings the database up to this build and returns the names of what it applied. Safe on many nodes at once."""
    async with postgres.connection(url) as connection:
        # Polled: a blocking pg_advisory_lock() holds a snapshot that deadlocks CREATE INDEX CONCURRENTLY.
        async with asyncio.timeout(WAIT_FOR_LOCK_S):
            while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - not an event of ours
                await asyncio.sleep(0.1)
        await connection.execute(_HISTORY)
        todo = missing(await applied(connection), known(folder))
        for migration in todo:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into migrations (number, name, sha256) values ($1, $2, $3)",
                    migration.number,
                    migration.name,
                    migration.sha256,
                )
        return [migration.name for migration in todo]


async def applied(db: Database) -> dict[int, str]:
    """Number and checksum of every migration the database has had; empty for a database never migrated."""
    if await db.fetchval("select to_regclass('migrations')") is None:
        return {}
    return {row["number"]: row["sha256"] for row in await db.fetch("select number, sha256 from migrations")}
