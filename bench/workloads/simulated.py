"""Simulated providers beside Hark, and users with one device each that they serve."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.place import CLIENT_CORE
from bench.process import child, running
from bench.servers.hark import RunningHark
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, Papers
from delivery.webpush import vapid
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import http_ok

PLATFORMS = {"apns": "ios", "fcm": "android", "webpush": "web"}

_AT_ONCE = 50  # registrations


class Simulator(NamedTuple):
    """Where it is."""

    url: str
    apns_url: str


@asynccontextmanager
async def simulator(folder: Path) -> AsyncIterator[Simulator]:
    """Runs it, with its keys in `folder`."""
    port, apns_port, smtp_port = free_ports(3)
    places = ["--port", str(port), "--apns-port", str(apns_port), "--smtp-port", str(smtp_port)]
    command = [sys.executable, "-m", "delivery.simulator", "--papers", str(folder), *places]
    started = child("simulator", command, ready=http_ok(port, "/health"))
    async with running(started, core=CLIENT_CORE, log=folder / "log-simulator"):
        yield Simulator(f"http://{LOOPBACK}:{port}", f"https://{LOOPBACK}:{apns_port}")


def settings(simulator: Simulator, papers: Papers) -> Mapping[str, str]:
    """Of a Hark that pushes there."""
    return {
        "HARK_VAPID_PRIVATE_KEY": vapid.generate().private_key,
        "HARK_VAPID_SUBJECT": "mailto:bench@example.com",
        "HARK_PUSH_SERVICES": simulator.url,
        "HARK_APNS_KEY": str(papers.apns_key),
        "HARK_APNS_KEY_ID": APNS_KEY_ID,
        "HARK_APNS_TEAM_ID": APNS_TEAM_ID,
        "HARK_APNS_TOPIC": APNS_TOPIC,
        "HARK_APNS_URL": simulator.apns_url,
        "HARK_APNS_CA": str(papers.apns_ca),
        "HARK_FCM_CREDENTIALS": str(papers.fcm_account),
        "HARK_FCM_URL": simulator.url,
    }


def customer(hark: RunningHark) -> httpx.AsyncClient:
    """Who may send and register; to be closed."""
    return httpx.AsyncClient(base_url=hark.url, headers={"Authorization": f"Bearer {hark.api_key}"}, timeout=30.0)


async def register(
    http: httpx.AsyncClient, devices: httpx.AsyncClient, channels: Sequence[str], users: int
) -> Sequence[str]:
    """u0, u1, …, by turns over these channels; their device tokens."""

    async def one(number: int) -> str:
        platform = PLATFORMS[channels[number % len(channels)]]
        device = await devices.post("/devices", json={"device": secrets.token_hex(8), "platform": platform})
        token: str = device.text if platform == "web" else device.raise_for_status().json()["device_token"]
        session = {"user_id": f"u{number}", "device_token": token, "platform": platform}
        (await http.post("/api/v1/sessions", json=session)).raise_for_status()
        return token

    tokens: list[str] = []
    for start in range(0, users, _AT_ONCE):
        tokens += await asyncio.gather(*map(one, range(start, min(users, start + _AT_ONCE))))
    return tokens
