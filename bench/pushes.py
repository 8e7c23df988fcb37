"""`python -m bench.pushes`: what a push costs a worker on each channel, into the simulator in another process.

A worker is one process, so its CPU decides how many it sends. Apart from the sittings: no peer pushes.
"""

import asyncio
import resource
import secrets
import sys
import tempfile
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import msgspec
import uvloop

from bench.place import CLIENT_CORE
from bench.process import child, running
from delivery.apns.provider import Apns
from delivery.apns.settings import ApnsSettings
from delivery.fcm.provider import Fcm
from delivery.fcm.settings import FcmSettings
from delivery.message import Message, Target
from delivery.outcome import Accepted
from delivery.provider import Provider
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, Papers
from delivery.webpush import vapid
from delivery.webpush.provider import WebPush, WebPushSettings
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import http_ok

PUSHES = 8_000
AT_ONCE = 250  # as the due engine has entries in hand
DEVICES = 200

PLATFORMS = {"apns": "ios", "fcm": "android", "webpush": "web"}
MESSAGE = Message(
    notification_id="0198a2b4-7c1e-7000-8000-000000000001",
    user_id="ada",
    seq=7,
    cursor="7-0198a2b4",
    title="Shipped",
    message="Your order is on its way",
    data=msgspec.Raw(b'{"order":42}'),
    priority="normal",
    ttl_s=600,
    unread=3,
)


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, apns_port = free_ports(2)
        url, apns_url = f"http://{LOOPBACK}:{port}", f"https://{LOOPBACK}:{apns_port}"
        async with _simulator(port, apns_port, folder), httpx.AsyncClient(base_url=url) as http:
            for provider in _providers(url, apns_url, Papers(folder)):
                targets = [await _target(http, provider.channel) for _ in range(DEVICES)]
                await _send(provider, targets, PUSHES // 10)  # connections and tokens are there
                started, used_s = time.perf_counter(), _cpu_s()
                await _send(provider, targets, PUSHES)
                wall_s, cpu_s = time.perf_counter() - started, _cpu_s() - used_s
                await provider.aclose()
                sys.stdout.write(
                    f"{provider.channel:8} {PUSHES / cpu_s:7,.0f} a second of a worker's CPU, "
                    f"{cpu_s / PUSHES * 1e6:4.0f} µs each; {PUSHES / wall_s:6,.0f}/s beside this simulator\n"
                )


def _simulator(port: int, apns_port: int, folder: Path) -> AbstractAsyncContextManager[int]:
    """On a core of its own: what is measured is the other end."""
    argv = [sys.executable, "-m", "delivery.simulator", "--papers", str(folder)]
    places = ["--port", str(port), "--apns-port", str(apns_port)]
    started = child("simulator", [*argv, *places], ready=http_ok(port, "/health"))
    return running(started, core=CLIENT_CORE, log=folder / "log")


def _providers(url: str, apns_url: str, papers: Papers) -> list[Provider]:
    keys = vapid.generate()
    return [
        Apns(
            ApnsSettings(
                apns_key=str(papers.apns_key),
                apns_key_id=APNS_KEY_ID,
                apns_team_id=APNS_TEAM_ID,
                apns_topic=APNS_TOPIC,
                apns_url=apns_url,
                apns_ca=str(papers.apns_ca),
            )
        ),
        Fcm(FcmSettings(fcm_credentials=str(papers.fcm_account), fcm_url=url)),
        WebPush(
            WebPushSettings(
                vapid_private_key=keys.private_key, vapid_subject="mailto:ops@example.com", push_services=(url,)
            )
        ),
    ]


async def _target(http: httpx.AsyncClient, channel: str) -> Target:
    device = {"device": secrets.token_hex(8), "platform": PLATFORMS[channel]}
    answer = (await http.post("/devices", json=device)).raise_for_status()
    return Target(channel, answer.text if channel == "webpush" else answer.json()["device_token"])


async def _send(provider: Provider, targets: list[Target], count: int) -> None:
    numbers = iter(range(count))

    async def send() -> None:
        for number in numbers:
            outcome = await provider.send(MESSAGE, targets[number % len(targets)])
            if not isinstance(outcome, Accepted):
                raise SystemExit(f"{provider.channel}: {outcome}")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(send())


def _cpu_s() -> float:
    """Of this process, the threads of its libraries included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    uvloop.run(main())
