"""A real Postgres: started, killed, found again, removed."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from hub.dev import shelter
from hub.dev.ports import free_ports
from hub.dev.postgres import CLUSTER, PID_FILE, Postgres, embedded_postgres_server
from hub.dev.process import Process
from hub.dev.supervisor import supervised

from .heard import Heard, gone


async def test_it_listens_on_tcp_only_asks_for_a_password_and_stores_utf8(tmp_path: Path) -> None:
    async with embedded_postgres_server(tmp_path, extra_flags=("-c", "fsync=off")) as url:
        home = shelter.target(tmp_path / "postgres")
        pid = int((home / CLUSTER / PID_FILE).read_text().split()[0])
        connection = await asyncpg.connect(url)
        names = ["unix_socket_directories", "listen_addresses", "server_encoding", "fsync"]
        shown = [await connection.fetchval(f"SHOW {name}") for name in names]
        assert shown == ["", "127.0.0.1", "UTF8", "off"]
        assert await connection.fetchval("SELECT current_database()") == "hark"
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url, password="a guess")
    await gone(pid)
    assert not home.exists()
    assert os.listdir(tmp_path) == []  # a server for tests leaves nothing behind


async def test_a_killed_one_runs_again_with_its_data_while_clients_hold_connections(tmp_path: Path) -> None:
    terminal = Heard()
    [port] = free_ports(1)
    try:
        server = Postgres.at(tmp_path / "postgres", port=port)
        async with supervised(terminal, lambda _: None) as supervisor:
            await supervisor.start(await server.prepare())
            connection = await asyncpg.connect(server.url)
            await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
            os.kill(supervisor.pids["postgres"], signal.SIGKILL)
            await terminal.says("postgres runs again")
            await connection.close()
            assert await _count(server.url) == 1000
        again = Postgres.at(tmp_path / "postgres", port=port)
        async with supervised(terminal, lambda _: None) as supervisor:
            await supervisor.start(await again.prepare())
            assert await _count(again.url) == 1000
        assert terminal.text.count("postgres was killed") == 1
    finally:
        await Postgres.delete(tmp_path / "postgres")


async def test_one_that_was_left_running_is_stopped_before_the_next_starts(tmp_path: Path) -> None:
    port, other_port = free_ports(2)
    try:
        with (tmp_path / "log").open("wb") as log:
            before = await Postgres.at(tmp_path / "postgres", port=port).prepare()
            left = await Process.start(before, output=log.fileno())
            assert await left.until_ready()
        await Postgres.at(tmp_path / "postgres", port=other_port).prepare()
        async with asyncio.timeout(1):
            assert await left.end() == 0
    finally:
        await Postgres.delete(tmp_path / "postgres")


async def test_a_pid_that_is_somebody_elses_by_now_is_left_alone(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / CLUSTER
    cluster.mkdir(parents=True)
    (cluster / PID_FILE).write_text(f"{os.getpid()}\n{cluster}\n")
    await Postgres.at(tmp_path / "postgres", port=1).prepare()
    assert not (cluster / PID_FILE).exists()


async def test_an_interrupted_first_start_begins_anew(tmp_path: Path) -> None:
    try:
        server = Postgres.at(tmp_path / "postgres", port=1)
        (server.home / "data.new").mkdir()
        (server.home / "data.new" / "PG_VERSION").touch()
        await server.prepare()
        assert (server.home / CLUSTER / "PG_VERSION").read_text()
        assert not (server.home / "data.new").exists()
    finally:
        await Postgres.delete(tmp_path / "postgres")


async def _count(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT count(*) FROM kept")
    finally:
        await connection.close()
