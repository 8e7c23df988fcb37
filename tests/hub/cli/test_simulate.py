"""`hark simulate`: providers for a Hark, or any other sender, that runs elsewhere."""

import asyncio
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hub import settings as settings_of

PORTS = ("--port", "0", "--apns-port", "0", "--smtp-port", "0")
OWN = {
    "HARK_DATABASE_URL": "postgres://x/y",
    "HARK_REDIS_URL": "redis://x",
    "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
}


@asynccontextmanager
async def simulating(*more: str) -> AsyncIterator[tuple[dict[str, str], str]]:
    """Its env file as it was printed, and the URL of its page; it ends with a Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "simulate", *PORTS, *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while b"what was sent" not in (said := await process.stderr.readline()):
            assert said, "it ended before it was ready"
        url = said.decode().split()[-3].rstrip("/")
        printed: dict[str, str] = {}
        while "HARK_TWILIO_URL" not in printed:
            line = (await process.stdout.readline()).decode()
            if not line.startswith("#"):
                name, value = shlex.split(line)[0].split("=", 1)
                printed[name] = value
        yield printed, url
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0


async def test_its_settings_lead_a_hark_to_every_provider(tmp_path: Path) -> None:
    async with simulating("--papers", str(tmp_path)) as (printed, url):
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{url}/health")).text == "ok"
        loaded = settings_of.load(OWN | printed)

    assert loaded.webpush.push_services == (url,)
    assert loaded.fcm.fcm_url == loaded.sms.twilio_url == url
    assert loaded.apns.apns_url == printed["HARK_APNS_URL"]
    assert loaded.email.smtp_port == int(printed["HARK_SMTP_PORT"])
    files = {printed[name] for name in ("HARK_APNS_KEY", "HARK_APNS_CA", "HARK_FCM_CREDENTIALS", "HARK_SMTP_CA")}
    assert files <= _files(tmp_path)


async def test_settings_that_were_printed_once_stay_good(tmp_path: Path) -> None:
    async with simulating("--papers", str(tmp_path)) as (first, _):
        key = _content(first["HARK_APNS_KEY"])
    async with simulating("--papers", str(tmp_path)) as (again, _):
        assert again["HARK_VAPID_PRIVATE_KEY"] == first["HARK_VAPID_PRIVATE_KEY"]
        assert _content(again["HARK_APNS_KEY"]) == key


@pytest.mark.parametrize("option", ["--port", "--apns-port", "--smtp-port"])
async def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path, option: str, unused_tcp_port: int) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", unused_tcp_port)
    async with server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "simulate", *PORTS, option, str(unused_tcp_port)),
            *("--papers", str(tmp_path)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()

    assert process.returncode == 1
    [line] = said.decode().splitlines()
    assert line.startswith("hark simulate: Address already in use")
    assert f"{unused_tcp_port}" in line


def _files(folder: Path) -> set[str]:
    return {str(path) for path in folder.iterdir()}


def _content(path: str) -> bytes:
    return Path(path).read_bytes()
