"""`kill -9` during a send loses nothing: the real processes of `hark dev`, a sender that does not pause, a page that
reconnects, and a phone that is only reached by pushes."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.exceptions import WebSocketException

from hub.dev.ports import free_ports
from hub.dev.postgres import Postgres
from tests.browser import Browser, subscribe
from tests.device import device
from tests.hub_process import Customer

SENDS = 150
PAUSE_S = 0.01  # between sends: they go on while the killed process is away and when it is back


class Report(msgspec.Struct):
    """What dev.json says."""

    url: str
    api_key: str
    simulator_url: str
    pids: dict[str, int]


@pytest.fixture(scope="module")
async def data_dir(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """Of a `hark dev` that is ready, and is stopped by Ctrl-C afterwards."""
    folder = tmp_path_factory.mktemp("dev") / "data"
    [port] = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "dev", "--port", str(port), "--data-dir", str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    while b"Stop" not in (line := await process.stdout.readline()):
        assert line, "hark dev ended before it was ready"
    reading = asyncio.ensure_future(process.stdout.read())
    yield folder
    process.send_signal(signal.SIGINT)
    await reading
    assert await process.wait() == 0
    await Postgres.delete(folder / "postgres")  # as root it may lie elsewhere


@pytest.mark.parametrize("victim", ["hub", "worker", "valkey"])
async def test_a_killed_process_loses_nothing(data_dir: Path, victim: str) -> None:
    report = _report(data_dir)
    headers = {"Authorization": f"Bearer {report.api_key}"}
    async with (
        httpx.AsyncClient(base_url=report.url, headers=headers) as http,
        httpx.AsyncClient(base_url=report.simulator_url) as simulator,
        asyncio.TaskGroup() as tasks,
    ):
        customer = Customer(report.url, http)
        at_home, away = f"at-home-{victim}", f"away-{victim}"
        phone = await subscribe(simulator)
        await customer.register(away, phone.subscription)
        token = await customer.token(at_home)
        heard: list[dict[str, Any]] = []
        page = tasks.create_task(_page(report.url, token, heard))

        accepted = await _send_while_killing(customer, [at_home, away], data_dir, victim)

        while not set(accepted) <= {entry["id"] for entry in heard} & await _pushed(phone):
            pass  # looking is the pause; the test's time limit is the deadline
        page.cancel()
    assert [entry["seq"] for entry in heard] == list(range(1, len(heard) + 1))
    assert len(accepted) >= SENDS * 2 / 3


async def _pushed(phone: Browser) -> set[object]:
    return {push.payload["id"] for push in await phone.heard() if isinstance(push.payload, dict)}


async def _send_while_killing(customer: Customer, users: list[str], data_dir: Path, victim: str) -> list[str]:
    """The ids that were answered with 202, from before the kill until after the return; a send that got no answer may
    have happened or not."""
    accepted: list[str] = []
    killed = _report(data_dir).pids[victim]
    left = SENDS
    while left > 0:
        if left == SENDS - SENDS // 3:
            os.kill(killed, signal.SIGKILL)
        if left > SENDS // 3 or _report(data_dir).pids[victim] != killed:  # the last third comes after the return
            left -= 1
        with contextlib.suppress(httpx.TransportError):
            answer = await customer.http.post("/api/v1/notifications", json={"user_ids": users, "title": str(left)})
            assert answer.status_code in {202, 503}
            if answer.status_code == 202:
                accepted.append(answer.json()["notification_id"])
        await asyncio.sleep(PAUSE_S)
    return accepted


async def _page(url: str, token: str, heard: list[dict[str, Any]]) -> None:
    """An open page: applies, acknowledges, and comes back with its cursor when the socket goes."""
    cursor = "0"
    while True:
        with contextlib.suppress(OSError, WebSocketException):
            async with device(url, token, cursor=cursor) as page:
                while True:
                    frame = await page.heard()
                    entries = frame.get("entries", [frame]) if frame["t"] == "msg" else []
                    for entry in entries:
                        heard.append(entry)
                        cursor = entry["cursor"]
                    if entries:
                        await page.say("ack", seq=entries[-1]["seq"])
        await asyncio.sleep(0.05)


def _report(data_dir: Path) -> Report:
    return msgspec.json.decode((data_dir / "dev.json").read_bytes(), type=Report)
