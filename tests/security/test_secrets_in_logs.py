"""Secrets, contents and addresses go where they are meant to go, and into no log, no metric and no error: real
processes at the level `debug`, with canaries in all of these, on good days and bad ones."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from delivery.webpush import vapid
from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.browser import Browser
from tests.device import device
from tests.encryption import ENCRYPTION_KEYS

CANARY = "canary"
SECRETS = {
    "HARK_TOKEN_SECRET": f"{CANARY}-01-signs-user-tokens-and-nothing-else",
    "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
    "HARK_SMTP_PASSWORD": f"{CANARY}-02",
    "HARK_TWILIO_AUTH_TOKEN": f"{CANARY}-03",
    "HARK_VAPID_PRIVATE_KEY": vapid.generate().private_key,
}
REDIS_PASSWORD = f"{CANARY}-05"
MAIL = f"{CANARY}-06@example.org"
PHONE = "+15005550199"
CONTENT = {"title": f"{CANARY}-07", "message": f"{CANARY}-08", "data": {f"{CANARY}-09": f"{CANARY}-10"}}
DEVICE_TOKEN = f"{CANARY}-11"
WEBHOOK_PATH = f"{CANARY}-12"
ENDPOINT = "http://127.0.0.1:1"  # nobody is there
ENDPOINT_PATH = f"{CANARY}-13"
NO_KEY = f"hark_0123456789ab_{CANARY}-14"
NO_TOKEN = f"{CANARY}-15"
NO_JSON = f'{{"user_id": "{CANARY}-16'


class Running(NamedTuple):
    """A hub and a worker."""

    url: str
    worker_url: str


@contextlib.asynccontextmanager
async def running(settings: Settings, log: Path) -> AsyncIterator[Running]:
    """Until they have ended; what both said is in `log`."""
    port, worker_port = free_ports(2)
    env = os.environ | SECRETS | _env(settings) | {"HARK_PORT": str(port), "HARK_WORKER_PORT": str(worker_port)}
    redis = urlsplit(settings.hub.redis_url)
    without_redis = {"HARK_REDIS_URL": f"redis://:{REDIS_PASSWORD}@{redis.hostname}:{redis.port}"}
    with log.open("wb") as out:
        both = [
            await asyncio.create_subprocess_exec(sys.executable, *argv, env=env | more, stdout=out, stderr=out)
            for argv, more in ((("-m", "hub", "serve"), {}), (("-m", "jobs"), without_redis))
        ]
    try:
        yield Running(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{worker_port}")
    finally:
        for process in both:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in both))


def _env(settings: Settings) -> dict[str, str]:
    return {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_LOG_LEVEL": "debug",
        "HARK_DRAIN_S": "0",
        "HARK_ACK_DEADLINE_S": "0.1",
        "HARK_SWEEP_INTERVAL_S": "0.1",
        "HARK_VAPID_SUBJECT": "mailto:push@example.org",
        "HARK_PUSH_SERVICES": ENDPOINT,
        "HARK_SMTP_HOST": "127.0.0.1",
        "HARK_SMTP_PORT": "1",
        "HARK_SMTP_SECURITY": "none",
        "HARK_SMTP_USERNAME": "hark",
        "HARK_MAIL_FROM": "hark@example.org",
        "HARK_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "HARK_TWILIO_FROM": "+15005550006",
        "HARK_TWILIO_URL": "http://127.0.0.1:1",
        "HARK_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "HARK_WEBHOOK_HTTP": "true",
    }


async def _until(what: Callable[[], Any]) -> None:
    """It is so."""
    while not await what():  # asking is the pause; the test's time limit is the deadline
        pass


async def _ready(there: Running) -> bool:
    try:
        async with httpx.AsyncClient() as http:
            await http.get(there.worker_url)
            return (await http.get(f"{there.url}/ready")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.timeout(120)
async def test_nothing_secret_is_said_anywhere(
    settings: Settings, pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    key = await api_keys.create(pool, "test", "admin")
    password = urlsplit(settings.hub.database_url).password
    assert password is not None
    secrets = {*SECRETS.values(), key.split("_", 2)[2], f":{password}@", CANARY, PHONE}
    shown: list[str] = []
    log = tmp_path / "log"
    async with running(settings, log) as there:
        await _until(lambda: _ready(there))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=there.url, headers=headers) as http:
            secrets |= await _good_days(http, there, browser)
            await _until(lambda: pool.fetchval("select count(*) >= 3 from attempts where outcome is not null"))
            await _until(lambda: pool.fetchval("select count(*) > 0 from webhook_events where failures > 0"))
            shown += await _bad_days(http, pool)
            shown += [(await http.get(url)).text for url in ("/metrics", f"{there.worker_url}/metrics")]
    said = log.read_text()
    for event in ("hub.started", "worker.started", "audit.head", "api.failed", "Traceback", "hub.stopping"):
        assert event in said, said
    for secret in secrets:
        assert secret not in said, [line for line in said.splitlines() if secret in line]
        assert not [text for text in shown if secret in text]


async def _good_days(http: httpx.AsyncClient, there: Running, browser: Browser) -> set[str]:
    """What users and back ends do; gives the secrets that were answered. What is called is away."""
    made = await http.post("/api/v1/webhooks", json={"url": f"{ENDPOINT}/{WEBHOOK_PATH}"})
    await http.put("/api/v1/users/ada", json={"email": MAIL, "phone": PHONE})
    subscription = msgspec.json.decode(browser.subscription) | {"endpoint": f"{ENDPOINT}/{ENDPOINT_PATH}"}
    for session in (
        {"platform": "ios", "device_token": DEVICE_TOKEN},
        {"platform": "web", "device_token": subscription},
    ):
        (await http.post("/api/v1/sessions", json={"user_id": "ada", **session})).raise_for_status()
    token = (await http.post("/api/v1/tokens", json={"user_id": "grace"})).json()["token"]
    ladder = [{"channels": ["push", "email", "sms"], "after_s": 0}]
    sent = await http.post("/api/v1/notifications", json={"user_ids": ["ada", "grace"], "ladder": ladder, **CONTENT})
    assert sent.status_code == 202, sent.text
    async with device(there.url, token, cursor="0") as page:
        await page.heard_entries(1)
        await page.say("read", seqs=[1])
        await page.say_text(f"{CANARY} no frame")
        await page.closed()
    async with httpx.AsyncClient(base_url=there.url) as phone:
        inbox = await phone.get("/api/v1/users/me/inbox?before=9", headers={"Authorization": f"Bearer {token}"})
        assert CANARY in inbox.text
    return {made.raise_for_status().json()["secret"], token, subscription["keys"]["auth"]}


async def _bad_days(http: httpx.AsyncClient, pool: Pool) -> list[str]:
    """What is refused and what fails; gives what was answered."""
    json = {"Content-Type": "application/json"}
    answers = [
        await http.get("/api/v1/topics", headers={"Authorization": f"Bearer {NO_KEY}"}),
        await http.get("/api/v1/users/me/inbox", headers={"Authorization": f"Bearer {NO_TOKEN}"}),
        await http.post("/api/v1/notifications", content=NO_JSON, headers=json),
        await http.post("/api/v1/notifications", json={"user_id": "ada", **CONTENT, "data": [CANARY]}),
        await http.post("/api/v1/sessions", json={"user_id": "ada", "platform": "web", "device_token": DEVICE_TOKEN}),
        await http.put("/api/v1/users/ada", json={"email": f"{CANARY} of nobody"}),
        await http.post("/api/v1/webhooks", json={"url": f"ftp://{CANARY}:{CANARY}@example.org"}),
    ]
    assert {answer.status_code for answer in answers} == {400, 401, 422}
    session = {"user_id": "ada", "platform": "ios", "device_token": DEVICE_TOKEN}
    for table, method, path, body in (
        ("entries", "POST", "/api/v1/notifications", {"user_id": "ada", **CONTENT}),
        ("users", "PUT", "/api/v1/users/ada", {"email": MAIL}),
        ("sessions", "POST", "/api/v1/sessions", session),
        ("audit", "GET", "/api/v1/users/ada", None),
    ):
        await pool.execute(f"alter table {table} rename to elsewhere")
        closing = {"Connection": "close"}  # as uvicorn does after an error
        answers.append(await http.request(method, path, json=body, headers=closing))
        await pool.execute(f"alter table elsewhere rename to {table}")
        assert answers[-1].status_code >= 500, table
    return [answer.text for answer in answers]
