"""Secrets, contents and addresses go where they are meant to go, and into no log, no metric and no error: real
processes at the level `debug`, with canaries in all of these, on good days and bad ones."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.browser import Browser
from tests.device import Frame, device
from tests.encryption import VAULT
from tests.phone import install
from tests.receiver import Receiver
from tests.security.canaries import (
    ANDROID,
    CANARY,
    CHATS,
    CONTENT,
    ENDPOINT_PATH,
    IN_A_QUERY,
    IN_A_URL,
    INSTALL_SECRET,
    IPHONE,
    MAIL,
    NO_JSON,
    NO_KEY,
    NO_TOKEN,
    NOBODY,
    PHONE,
    PUSH_TEXT,
    REDIS_PASSWORD,
    WEBHOOK_NAME,
    WEBHOOK_PATH,
    Running,
    answering,
    environment,
    hark,
    planted,
    running,
)
from tests.simulator import Simulator

CHANNELS = 6
LADDER = [{"channels": ["push", "email", "sms", "chat"], "after_s": 0}]
COMMANDS = ("settings", "check")
ATTEMPTED = "select count(distinct channel) = $1 from attempts where outcome is not null"
ACCEPTED = "select count(distinct channel) = $1 from attempts where outcome = 'accepted'"


def nothing_is_in(said: str, secrets: Mapping[str, str]) -> None:
    """None of them."""
    found = {name: [line for line in said.splitlines() if secret in line] for name, secret in secrets.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


async def _until(what: Callable[[], Awaitable[Any]]) -> None:
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


async def _metrics(there: Running) -> list[str]:
    async with httpx.AsyncClient() as http:
        return [(await http.get(f"{url}/metrics")).text for url in (there.url, there.worker_url)]


async def _commands(there: Running) -> list[str]:
    """What those say that are run beside the processes."""
    return await asyncio.gather(*[hark(there, *command.split()) for command in COMMANDS])


@pytest.mark.timeout(120)
async def test_nothing_secret_is_said_when_all_that_is_called_is_away(
    settings: Settings, simulator: Simulator, pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    key = await api_keys.create(pool, VAULT, "test", "admin")
    log, env = tmp_path / "log", environment(settings, simulator)
    secrets = planted(env) | {"API key": key.split("_", 2)[2]}
    redis = urlsplit(settings.hub.redis_url)
    subscription = msgspec.json.decode(browser.subscription) | {"endpoint": f"http://{NOBODY}/{ENDPOINT_PATH}"}
    without_redis = {"HARK_REDIS_URL": f"redis://:{REDIS_PASSWORD}@{redis.hostname}:{redis.port}"}
    async with running(env, log, **without_redis) as there, _customer(there, key) as http:
        await _until(lambda: _ready(there))
        devices = {"ios": IPHONE, "android": ANDROID, "web": subscription}
        secrets |= await _a_days_work(http, devices, f"http://{NOBODY}/{WEBHOOK_PATH}")
        await _until(lambda: pool.fetchval(ATTEMPTED, CHANNELS))
        await _until(lambda: pool.fetchval("select count(*) > 0 from webhook_events where failures > 0"))
        shown = [*await _refused(http), *await _failed(http, pool), *await _metrics(there), *await _commands(there)]
    said = log.read_text()
    for event in ("hub.started", "worker.started", "audit.head", "api.failed", "Traceback", "hub.stopping"):
        assert event in said, said
    nothing_is_in("\n".join([said, *shown]), secrets)


@pytest.mark.timeout(120)
async def test_nothing_secret_is_said_when_everything_is_delivered(
    settings: Settings,
    simulator: Simulator,
    pool: Pool,
    browser: Browser,
    http: httpx.AsyncClient,
    endpoint: Receiver,
    tmp_path: Path,
) -> None:
    key = await api_keys.create(pool, VAULT, "test", "admin")
    log, chat = tmp_path / "log", urlsplit(endpoint.url).netloc
    env = environment(settings, simulator) | answering(simulator, chat)
    tokens = {name: (await install(http, platform=name)).token for name in ("ios", "android")}
    secrets = planted(env) | tokens | {"API key": key.split("_", 2)[2], "endpoint": urlsplit(browser.endpoint).path}
    async with running(env, log) as there, _customer(there, key) as customer:
        await _until(lambda: _ready(there))
        devices = {**tokens, "web": msgspec.json.decode(browser.subscription)}
        secrets |= await _a_days_work(customer, devices, f"http://{chat}/{WEBHOOK_PATH}")
        await _until(lambda: pool.fetchval(ACCEPTED, CHANNELS))
        await endpoint.heard(2)  # a chat message and an event at least
        shown = await _metrics(there)
    nothing_is_in("\n".join([log.read_text(), *shown]), secrets)


def _customer(there: Running, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=there.url, headers={"Authorization": f"Bearer {key}"})


async def _a_days_work(http: httpx.AsyncClient, devices: Mapping[str, Any], webhook_url: str) -> dict[str, str]:
    """What users and back ends do; gives the secrets that were answered."""
    made = (await _done(http.post("/api/v1/webhooks", json={"url": webhook_url, "description": WEBHOOK_NAME}))).json()
    rotated = (await _done(http.post(f"/api/v1/webhooks/{made['id']}/rotate"))).json()
    await _done(http.put("/api/v1/users/ada", json={"email": MAIL, "phone": PHONE, "chats": CHATS}))
    for platform, address in devices.items():
        session = {"user_id": "ada", "platform": platform, "device_token": address}
        more = {} if platform == "web" else {"install_secret": INSTALL_SECRET}
        await _done(http.post("/api/v1/sessions", json=session | more))
    token: str = (await _done(http.post("/api/v1/tokens", json={"user_id": "grace"}))).json()["token"]
    for fields in ({"user_ids": ["ada", "grace"]}, {"user_id": "ada", "push_text": PUSH_TEXT}):
        await _done(http.post("/api/v1/notifications", json={"ladder": LADDER, **CONTENT, **fields}))
    async with device(str(http.base_url).rstrip("/"), token, cursor="0") as page:
        await page.heard_entries(1)
        await page.say("read", seqs=[1])
        await page.say_text(f"{CANARY} no frame")
        await page.closed()
    async with httpx.AsyncClient(base_url=http.base_url) as phone:
        inbox = await phone.get("/api/v1/users/me/inbox?before=9", headers={"Authorization": f"Bearer {token}"})
        assert CANARY in inbox.text
    keys = devices["web"]["keys"]
    return {"webhook": made["secret"], "rotated": rotated["secret"], "user token": token, **keys}


async def _done(call: Awaitable[httpx.Response]) -> httpx.Response:
    answer = await call
    assert answer.is_success, answer.text
    return answer


async def _refused(http: httpx.AsyncClient) -> Iterable[str]:
    json = {"Content-Type": "application/json"}
    answers = [
        await http.get("/api/v1/topics", headers={"Authorization": f"Bearer {NO_KEY}"}),
        await http.get("/api/v1/users/me/inbox", headers={"Authorization": f"Bearer {NO_TOKEN}"}),
        await http.get(f"/sse?token={IN_A_QUERY}", headers={"Authorization": ""}),
        await http.get(f"/api/v1/topics?access_token={IN_A_QUERY}", headers={"Authorization": ""}),
        await http.post("/api/v1/notifications", content=NO_JSON, headers=json),
        await http.post("/api/v1/notifications", json={"user_id": "ada", **CONTENT, "data": [CANARY]}),
        await http.post("/api/v1/sessions", json={"user_id": "ada", "platform": "web", "device_token": IPHONE}),
        await http.post("/api/v1/sessions", json={"user_id": "eve", "platform": "ios", "device_token": IPHONE}),
        await http.put("/api/v1/users/ada", json={"email": f"{CANARY} of nobody"}),
        await http.put("/api/v1/users/ada", json={"phone": f"{PHONE}{CANARY}"}),
        await http.post("/api/v1/webhooks", json={"url": f"ftp://{IN_A_URL}:{IN_A_URL}@example.org"}),
    ]
    assert {answer.status_code for answer in answers} == {400, 401, 409, 422}
    goodbyes = [await _dismissed(http, hello) for hello in (f'"token":"{NO_TOKEN}"', f'"cursor":"{CANARY}"', NO_JSON)]
    return [*goodbyes, *(answer.text for answer in answers)]


async def _dismissed(http: httpx.AsyncClient, hello: str) -> str:
    """What a socket hears that introduces itself like this."""
    heard: list[Frame] = []
    async with device(str(http.base_url).rstrip("/")) as page:
        await page.say_text('{"t":"hello",' + hello + "}")
        try:
            while True:
                heard.append(await page.heard())
        except ConnectionClosed as closed:
            return f"{heard} {closed}"


async def _failed(http: httpx.AsyncClient, pool: Pool) -> Iterable[str]:
    answers = []
    session = {"user_id": "ada", "platform": "ios", "device_token": IPHONE}
    for table, method, path, body in (
        ("entries", "POST", "/api/v1/notifications", {"user_id": "ada", **CONTENT}),
        ("notifications", "POST", "/api/v1/notifications", {"user_id": "ada", **CONTENT}),
        ("users", "PUT", "/api/v1/users/ada", {"email": MAIL}),
        ("sessions", "POST", "/api/v1/sessions", session),
        ("audit", "GET", "/api/v1/users/ada", None),
    ):
        for breaks, mends in (
            (f"alter table {table} rename to elsewhere", f"alter table elsewhere rename to {table}"),
            # What Postgres says of a row that breaks a rule has the row in it.
            (
                f"alter table {table} add constraint no check (false) not valid",
                f"alter table {table} drop constraint no",
            ),
        ):
            await pool.execute(breaks)
            closing = {"Connection": "close"}  # as uvicorn does after an error
            answers.append(await http.request(method, path, json=body, headers=closing))
            await pool.execute(mends)
            assert answers[-1].status_code >= 500, table
    return [answer.text for answer in answers]
