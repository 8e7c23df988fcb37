"""Secrets, contents and addresses that must be found nowhere, and a hub and a worker that have them all."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, SMTP_LOGIN, TWILIO_ACCOUNT
from delivery.webpush import vapid
from hub.dev.ports import free_ports
from hub.settings import Settings
from tests.encryption import ENCRYPTION_KEYS
from tests.simulator import Simulator

CANARY = "canary"  # in all of these
TOKEN_SECRET = f"{CANARY}-01-signs-user-tokens-and-nothing-else"
SMTP_PASSWORD = f"{CANARY}-02"
TWILIO_TOKEN = f"{CANARY}-03"
CHAT_PATH = f"{CANARY}-04"
REDIS_PASSWORD = f"{CANARY}-05"
MAIL = f"{CANARY}-06@example.org"
CONTENT = {"title": f"{CANARY}-07", "message": f"{CANARY}-08", "data": {f"{CANARY}-09": f"{CANARY}-10"}}
PUSH_TEXT = f"{CANARY}-11"
IPHONE = f"{CANARY}-12"
ANDROID = f"{CANARY}-13"
INSTALL_SECRET = f"{CANARY}-14-of-an-app-that-made-it-up"
ENDPOINT_PATH = f"{CANARY}-15"
WEBHOOK_PATH = f"{CANARY}-16"
WEBHOOK_NAME = f"{CANARY}-17"
CHAT = f"{CANARY}-18"
NO_KEY = f"hark_0123456789ab_{CANARY}-19"
NO_TOKEN = f"{CANARY}-20"
IN_A_QUERY = f"{CANARY}-21"
IN_A_URL = f"{CANARY}-22"
NO_JSON = f'{{"user_id": "{CANARY}-23'
PHONE = "+15005550199"
CHATS = [{"service": "team", "target": CHAT}]

NOBODY = "127.0.0.1:1"  # is there


class Running(NamedTuple):
    """A hub and a worker; what commands on their machine have in their environment."""

    url: str
    worker_url: str
    env: Mapping[str, str]


def planted(env: Mapping[str, str]) -> dict[str, str]:
    """By their names: those of an environment, and the canaries."""
    keys = {f"encryption key {key[:5]}": key.partition(":")[2] for key in env["HARK_ENCRYPTION_KEYS"].split(",")}
    account = msgspec.json.decode(env["HARK_FCM_CREDENTIALS"], type=dict[str, str])
    database, redis = urlsplit(env["HARK_DATABASE_URL"]), urlsplit(env["HARK_REDIS_URL"])
    return keys | {
        "a canary": CANARY,
        "phone": PHONE,
        "VAPID key": env["HARK_VAPID_PRIVATE_KEY"],
        "APNs key": env["HARK_APNS_KEY"].splitlines()[1],
        "FCM key": account["private_key"].splitlines()[1],
        "database password": database.password or "missing",
        "Redis password": redis.password or "missing",
    }


def environment(settings: Settings, simulator: Simulator) -> dict[str, str]:
    """Every provider is away; keys and accounts are real."""
    account = msgspec.json.decode(simulator.papers.fcm_account.read_bytes(), type=dict[str, str])
    account["token_uri"] = f"http://{NOBODY}/token"
    return {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": TOKEN_SECRET,
        "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "HARK_LOG_LEVEL": "debug",
        "HARK_DRAIN_S": "0",
        "HARK_ACK_DEADLINE_S": "0.1",
        "HARK_SWEEP_INTERVAL_S": "0.1",
        "HARK_VAPID_PRIVATE_KEY": vapid.generate().private_key,
        "HARK_VAPID_SUBJECT": "mailto:push@example.org",
        "HARK_PUSH_SERVICES": f"http://{NOBODY}",
        "HARK_APNS_KEY": simulator.papers.apns_key.read_text(),
        "HARK_APNS_KEY_ID": APNS_KEY_ID,
        "HARK_APNS_TEAM_ID": APNS_TEAM_ID,
        "HARK_APNS_TOPIC": APNS_TOPIC,
        "HARK_APNS_URL": f"https://{NOBODY}",
        "HARK_FCM_CREDENTIALS": msgspec.json.encode(account).decode(),
        "HARK_FCM_URL": f"http://{NOBODY}",
        "HARK_SMTP_HOST": "127.0.0.1",
        "HARK_SMTP_PORT": "1",
        "HARK_SMTP_SECURITY": "none",
        "HARK_SMTP_USERNAME": "hark",
        "HARK_SMTP_PASSWORD": SMTP_PASSWORD,
        "HARK_MAIL_FROM": "hark@example.org",
        "HARK_TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT[0],
        "HARK_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "HARK_TWILIO_FROM": "+15005550006",
        "HARK_TWILIO_URL": f"http://{NOBODY}",
        "HARK_CHAT_SERVICES": _chat(NOBODY),
        "HARK_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "HARK_WEBHOOK_HTTP": "true",
    }


def answering(simulator: Simulator, chat: str) -> dict[str, str]:
    """What makes every provider answer; `chat` is the host and port of a chat service."""
    return {
        "HARK_PUSH_SERVICES": simulator.url,
        "HARK_APNS_URL": simulator.apns_url,
        "HARK_APNS_CA": str(simulator.papers.apns_ca),
        "HARK_FCM_CREDENTIALS": simulator.papers.fcm_account.read_text(),
        "HARK_FCM_URL": simulator.url,
        "HARK_SMTP_PORT": str(simulator.smtp_port),
        "HARK_SMTP_SECURITY": "starttls",
        "HARK_SMTP_CA": str(simulator.papers.apns_ca),
        "HARK_SMTP_USERNAME": SMTP_LOGIN.username,
        "HARK_SMTP_PASSWORD": SMTP_LOGIN.password,
        "HARK_TWILIO_AUTH_TOKEN": TWILIO_ACCOUNT[1],
        "HARK_TWILIO_URL": simulator.url,
        "HARK_CHAT_SERVICES": _chat(chat),
    }


def _chat(host: str) -> str:
    return msgspec.json.encode({"team": f"json://{host}/{CHAT_PATH}/{{target}}"}).decode()


@contextlib.asynccontextmanager
async def running(env: Mapping[str, str], log: Path, **of_worker: str) -> AsyncIterator[Running]:
    """Until they have ended; what both said is in `log`."""
    port, worker_port = free_ports(2)
    ports = {"HARK_PORT": str(port), "HARK_WORKER_PORT": str(worker_port)}
    whole = {**os.environ, **env, **ports}
    with log.open("wb") as out:
        both = [
            await asyncio.create_subprocess_exec(sys.executable, *argv, env=whole | more, stdout=out, stderr=out)
            for argv, more in ((("-m", "hub", "serve"), {}), (("-m", "jobs"), of_worker))
        ]
    try:
        yield Running(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{worker_port}", whole)
    finally:
        for process in both:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in both))


async def hark(there: Running, *arguments: str) -> str:
    """What a command says, on both."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hub",
        *arguments,
        env=there.env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return out.decode()
