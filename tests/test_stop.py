"""SIGTERM ends hub and worker cleanly: sockets are told, receipts are written, and the process is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hub.dev.ports import free_ports
from hub.live.close_codes import CloseCode
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.device import device
from tests.encryption import VAULT
from tests.hub_process import Customer


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    hub_port, worker_port = free_ports(2)
    return {
        **os.environ,
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_PORT": str(hub_port),
        "HARK_WORKER_PORT": str(worker_port),
        "HARK_DRAIN_S": "0.1",
    }


@asynccontextmanager
async def running(
    module: str, *words: str, env: dict[str, str], says: bytes
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words), env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        while says not in (line := await process.stdout.readline()):
            assert line, f"{module} ended without {says!r}"
        yield process, process.stdout
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_a_hub_says_goodbye_and_writes_the_last_ack(environment: dict[str, str], pool: Pool) -> None:
    url = f"http://127.0.0.1:{environment['HARK_PORT']}"
    headers = {"Authorization": f"Bearer {await api_keys.create(pool, VAULT, 'test', 'admin')}"}
    async with running("hub", "serve", env=environment, says=b"hub.started") as (process, stdout):
        async with httpx.AsyncClient(base_url=url, headers=headers) as http:
            customer = Customer(url, http)
            token = await customer.token("ada")
            async with device(url, token, cursor="0") as page:
                await customer.send("ada")
                await page.heard_entries(1)
                await page.say("ack", seq=1)
                process.send_signal(signal.SIGTERM)
                assert await page.closed() == CloseCode.DRAIN
        last_words = await stdout.read()
        await process.wait()
    assert b'"event": "hub.stopping"' in last_words
    assert b"Traceback" not in last_words
    assert await pool.fetchval("select acked_at from entries") is not None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_several_processes_share_the_port_and_one_that_dies_is_replaced(
    environment: dict[str, str], pool: Pool
) -> None:
    url = f"http://127.0.0.1:{environment['HARK_PORT']}"
    headers = {"Authorization": f"Bearer {await api_keys.create(pool, VAULT, 'test', 'admin')}"}
    async with running("hub", "serve", "--workers", "2", env=environment, says=b"hub.started") as (process, stdout):
        await _hears(stdout, b"hub.started")
        children = _children(process.pid)
        assert len(children) == 2
        async with httpx.AsyncClient(base_url=url, headers=headers) as http:
            customer = Customer(url, http)
            before = [_sockets(child) for child in children]
            async with AsyncExitStack() as pages:
                open_pages = [await pages.enter_async_context(customer.online("ada")) for _ in range(16)]
                assert all(_sockets(child) > count for child, count in zip(children, before, strict=True))
                sent = await customer.send("ada")
                assert {(await page.heard())["id"] for page in open_pages} == {sent}
        os.kill(children[0], signal.SIGKILL)
        await _hears(stdout, b"workers.died")
        await _hears(stdout, b"hub.started")
        assert len(_children(process.pid)) == 2
        process.send_signal(signal.SIGTERM)
        await stdout.read()
        assert await process.wait() == 0


async def _hears(stdout: asyncio.StreamReader, words: bytes) -> None:
    while words not in (line := await stdout.readline()):
        assert line, f"it ended without {words!r}"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _sockets(pid: int) -> int:
    return sum(os.readlink(fd).startswith("socket:") for fd in Path(f"/proc/{pid}/fd").iterdir())


async def test_a_worker_stops(environment: dict[str, str]) -> None:
    async with running("jobs", env=environment, says=b"worker.started") as (process, stdout):
        process.send_signal(signal.SIGTERM)
        last_words = await stdout.read()
        assert await process.wait() == 0
    assert b'"event": "worker.stopping"' in last_words
    assert b"Traceback" not in last_words


@pytest.mark.parametrize(("module", "words"), [("hub", ["serve"]), ("jobs", []), ("hub", ["migrate"])])
async def test_a_wrong_setting_is_one_line_and_exit_code_1(
    environment: dict[str, str], module: str, words: list[str]
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        env=environment | {"HARK_PROT": "1"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    assert process.returncode == 1
    assert complaint == b"hark: HARK_PROT is not a setting of Hark (.env.example lists them all)\n"


async def test_a_port_in_use_is_named(environment: dict[str, str]) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", int(environment["HARK_PORT"]))
    async with taken:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "serve"), env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, complaint = await process.communicate()
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{environment['HARK_PORT']}" in complaint.decode()
