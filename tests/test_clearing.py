"""Read on a page, gone from the phone: a hub, a worker in a process of its own, and the simulated push service."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest

from hub.dev.ports import free_ports
from hub.settings import Settings
from tests.browser import Browser
from tests.hub_process import Customer


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[None]:
    """Looks every minute, unless it is woken."""
    [port] = free_ports(1)
    env = {
        **os.environ,
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_WORKER_PORT": str(port),
        "HARK_SWEEP_INTERVAL_S": "60",
        "HARK_VAPID_PRIVATE_KEY": settings.webpush.vapid_private_key,
        "HARK_VAPID_SUBJECT": settings.webpush.vapid_subject,
        "HARK_PUSH_SERVICES": ",".join(settings.webpush.push_services),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobs"), env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while b"worker.started" not in (line := await process.stdout.readline()):
        assert line, "the worker has ended"
    reading = asyncio.ensure_future(process.stdout.read())
    yield
    process.terminate()
    assert b"Traceback" not in await reading
    await process.wait()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("how", ["read", "archive", "withdrawn"])
async def test_the_worker_clears_as_soon_as_it_is_woken(hub: Customer, browser: Browser, how: str) -> None:
    await hub.register("ada", browser.subscription)
    sent = await hub.send("ada")
    await hub.reaches(sent, "pushed")
    assert len(await browser.shows()) == 1

    if how == "withdrawn":
        (await hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    else:
        async with hub.online("ada") as page:
            await page.say(how, seqs=[1])
            await page.heard()
    while await browser.shows():
        pass  # looking is the pause; the test's time limit is the deadline
