"""A real Valkey: started, killed, found again."""

import os
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from hub.dev.ports import free_ports
from hub.dev.supervisor import supervised
from hub.dev.valkey import Valkey, embedded_valkey_server

from .heard import Heard


async def test_it_asks_for_a_password_that_ps_does_not_show(tmp_path: Path) -> None:
    [port] = free_ports(1)
    server = Valkey.at(tmp_path, port=port)
    child = server.prepare()
    async with supervised(Heard(), lambda _: None) as supervisor:
        await supervisor.start(child)
        async with Redis.from_url(server.url) as client, Redis(port=port) as stranger:
            assert await client.ping()
            with pytest.raises(AuthenticationError):
                await stranger.ping()
    assert server.password not in " ".join(child.argv)
    assert (tmp_path / "valkey.conf").stat().st_mode & 0o777 == 0o600


async def test_a_killed_one_and_the_next_start_find_the_data(tmp_path: Path) -> None:
    terminal = Heard()
    ports = free_ports(2)
    home = tmp_path / 'with "quotes" and spaces'
    server = Valkey.at(home, port=ports[0])
    async with supervised(terminal, lambda _: None) as supervisor:
        await supervisor.start(server.prepare())
        async with Redis.from_url(server.url) as client:
            await client.set("kept", "yes")
            await client.execute_command("WAITAOF", 1, 0, 5000)  # everysec: this write is on the disk now
        os.kill(supervisor.pids["valkey"], signal.SIGKILL)
        await terminal.says("valkey runs again")
        async with Redis.from_url(server.url) as client:
            assert await client.get("kept") == b"yes"
    again = Valkey.at(home, port=ports[1])
    async with supervised(terminal, lambda _: None) as supervisor:
        await supervisor.start(again.prepare())
        async with Redis.from_url(again.url) as client:
            assert await client.get("kept") == b"yes"


async def test_a_server_for_tests_leaves_nothing_behind(tmp_path: Path) -> None:
    async with embedded_valkey_server(tmp_path) as url, Redis.from_url(url) as client:
        assert await client.ping()
    assert os.listdir(tmp_path) == []
