"""Migrations on a real Postgres."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from hub.store.migrate import Migration, MigrationError, applied, known, migrate, missing

ONE = "create table one (id int); insert into one values (1);"


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("create database empty")
    yield f"{postgres_url.rpartition('/')[0]}/empty"
    await connection.execute("drop database empty with (force)")
    await connection.close()


async def test_many_nodes_at_once_apply_each_migration_once(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text(ONE)
    (tmp_path / "0002_two.sql").write_text("insert into one values (2)")
    done = await asyncio.gather(*(migrate(empty_url, tmp_path) for _ in range(4)))
    assert sorted(done, reverse=True) == [["0001_one", "0002_two"], [], [], []]


async def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text(ONE + "select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_url, tmp_path)
    connection = await asyncpg.connect(empty_url)
    assert await connection.fetchval("select to_regclass('one')") is None
    assert await applied(connection) == {}
    await connection.close()


def test_an_applied_migration_may_not_be_edited() -> None:
    with pytest.raises(MigrationError, match="0001_one was edited"):
        missing({1: "another checksum"}, [Migration(1, "0001_one", ONE)])


def test_a_database_of_a_newer_build_is_refused() -> None:
    with pytest.raises(MigrationError, match="newer than this build"):
        missing({1: "", 2: ""}, [Migration(1, "0001_one", ONE)])


def test_numbers_are_used_once() -> None:
    numbers = [migration.number for migration in known()]
    assert numbers == list(range(1, len(numbers) + 1))
