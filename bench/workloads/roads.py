"""Requests to the push services: by each client library's own transport, and by Hark's road."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path

import aiohttp
import firebase_admin
import httpx
import msgspec
from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsTLSClientProtocol
from firebase_admin import credentials, messaging
from py_vapid import Vapid02
from pywebpush import webpush_async  # noqa: TID251 - its own road is one of those that are measured

from bench.failure import BenchError
from bench.figures import Column, Figures
from bench.workload import Scale, Study
from bench.workloads.columns import LOST, PER_S
from bench.workloads.simulated import PLATFORMS, Simulator, settings, simulator
from delivery.message import Message, Target
from delivery.outcome import Accepted
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, Papers
from delivery.webpush.vapid import generate
from hub.settings import load
from jobs.channels import providers

REQUESTS = 5_000
IN_FLIGHT = 100
SUBJECT = "mailto:bench@example.com"
WITHIN_S = 10
MESSAGE = Message(
    notification_id="019aa7c4-0000-7000-8000-000000000000",
    user_id="u1",
    seq=7,
    cursor="7-019aa7c4",
    title="New message",
    message="Are you still coming tonight?",
    data=msgspec.Raw(b'{"type":"chat"}'),
    priority="normal",
    ttl_s=600,
    unread=3,
)

Send = Callable[[], Awaitable[bool]]  # whether the push service took it
Way = Callable[[Simulator, Papers, str], AbstractAsyncContextManager[Send]]


class Roads(Study):
    """A case a channel and transport."""

    name = "roads"
    title = f"{REQUESTS:,} requests to each push service, {IN_FLIGHT} in flight"
    note = (
        "Without hub, Postgres and worker: only what a push costs the process that calls. Hark takes credentials, "
        "message shapes and errors from the libraries, and carries the requests itself. The simulated push services, "
        "in Python, limit the rate."
    )
    of = "channel and transport"
    columns = (Column("CPU µs a push", "cpu_us"), PER_S, LOST)
    cases = ("apns, aioapns", "apns, Hark", "fcm, firebase-admin", "fcm, Hark", "webpush, pywebpush", "webpush, Hark")

    async def measure(self, case: str, scale: Scale, folder: Path) -> Figures:
        """See Study."""
        channel, _, transport = case.partition(", ")
        async with simulator(folder) as service:
            papers = Papers(folder)
            address = await _device(service, PLATFORMS[channel])
            ways: dict[str, Way] = {"Hark": partial(_hark, channel)} | _LIBRARIES
            way = ways[transport](service, papers, address)
            async with way as send:
                if not await send():
                    raise BenchError(f"{case}: the first push was refused")
                return await _sent(send, round(REQUESTS * scale.effort))


async def _sent(send: Send, requests: int) -> Figures:
    taken = 0
    left = iter(range(requests))

    async def one_after_the_other() -> None:
        nonlocal taken
        for _ in left:
            accepted = await send()
            taken += accepted

    cpu_s, started = time.process_time(), time.monotonic()
    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))
    cpu_s, seconds = time.process_time() - cpu_s, time.monotonic() - started
    return Figures(cpu_us=1e6 * cpu_s / requests, per_s=requests / seconds, lost=requests - taken)


async def _device(service: Simulator, platform: str) -> str:
    async with httpx.AsyncClient(base_url=service.url) as http:
        answer = (await http.post("/devices", json={"platform": platform})).raise_for_status()
    return answer.text if platform == "web" else answer.json()["device_token"]


@asynccontextmanager
async def _hark(channel: str, service: Simulator, papers: Papers, address: str) -> AsyncIterator[Send]:
    nowhere = {"HARK_DATABASE_URL": "postgresql://", "HARK_REDIS_URL": "redis://", "HARK_TOKEN_SECRET": "0" * 32}
    read = load({**settings(service, papers), **nowhere})
    every = providers(read)
    [provider] = [one for one in every if one.channel == channel]

    async def send() -> bool:
        return isinstance(await provider.send(MESSAGE, Target(channel, address)), Accepted)

    try:
        yield send
    finally:
        for one in every:
            await one.aclose()


@asynccontextmanager
async def _aioapns(service: Simulator, papers: Papers, address: str) -> AsyncIterator[Send]:
    url = httpx.URL(service.apns_url)

    class Local(APNsTLSClientProtocol):
        APNS_SERVER = url.host
        APNS_PORT = url.port or 443

    trusting = ssl.create_default_context(cafile=papers.apns_ca)
    trusting.set_alpn_protocols(["h2"])
    key = papers.apns_key.read_text()
    client = APNs(key=key, key_id=APNS_KEY_ID, team_id=APNS_TEAM_ID, topic=APNS_TOPIC, ssl_context=trusting)
    client.pool.protocol_class = Local

    async def send() -> bool:
        alert = {"title": MESSAGE.title, "body": MESSAGE.message}
        aps = {"alert": alert, "badge": MESSAGE.unread}
        request = NotificationRequest(address, {"aps": aps}, time_to_live=600, push_type=PushType.ALERT)
        return (await client.send_notification(request)).is_successful

    try:
        yield send
    finally:
        client.pool.close()


@asynccontextmanager
async def _firebase_admin(service: Simulator, papers: Papers, address: str) -> AsyncIterator[Send]:
    messaging._MessagingService.FCM_URL = f"{service.url}/v1/projects/{{0}}/messages:send"  # noqa: SLF001 - no other way
    app = firebase_admin.initialize_app(
        credentials.Certificate(papers.fcm_account), {"httpTimeout": WITHIN_S}, name=service.url
    )

    async def send() -> bool:
        shown = messaging.Notification(MESSAGE.title, MESSAGE.message)
        wanted = messaging.Message(token=address, notification=shown, data={"seq": str(MESSAGE.seq)})
        return bool((await messaging.send_each_async([wanted], app=app)).success_count)

    yield send


@asynccontextmanager
async def _pywebpush(_: Simulator, __: Papers, address: str) -> AsyncIterator[Send]:
    key = Vapid02.from_string(generate().private_key)
    subscription, body = json.loads(address), json.dumps({"title": MESSAGE.title, "message": MESSAGE.message})
    async with aiohttp.ClientSession() as session:

        async def send() -> bool:
            answer = await webpush_async(
                subscription,
                body,
                vapid_private_key=key,
                vapid_claims={"sub": SUBJECT},
                ttl=600,
                timeout=WITHIN_S,
                aiohttp_session=session,
            )
            return bool(answer.status == HTTPStatus.CREATED)

        yield send


_LIBRARIES: dict[str, Way] = {"aioapns": _aioapns, "firebase-admin": _firebase_admin, "pywebpush": _pywebpush}
