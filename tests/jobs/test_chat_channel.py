"""A worker's channel to chat services: there when they are named, told when nobody could use them, and apprise loaded
for nobody else."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import pytest

from delivery.chat.settings import ChatSettings
from delivery.message import Target
from delivery.outcome import Accepted
from hub.settings import Settings, SettingsError
from jobs.channels import providers
from tests.delivery.chat.room import room
from tests.delivery.sample import PLAIN
from tests.encryption import ENCRYPTION_KEYS


def named(url: str) -> ChatSettings:
    return ChatSettings(chat_services=msgspec.json.encode({"team": url}).decode())


async def test_a_worker_with_chat_services_sends_there(settings: Settings, tmp_path: Path) -> None:
    async with room() as here:
        file = tmp_path / "services.json"
        file.write_text(named(f"json://{here.host}/{{target}}").chat_services)
        built = providers(msgspec.structs.replace(settings, chat=ChatSettings(chat_services=str(file))))
        [chat] = [provider for provider in built if provider.channel == "chat"]
        outcome = await chat.send(PLAIN, Target("chat", "ada", "team"))
        for provider in built:
            await provider.aclose()

    assert (outcome, [post.path for post in here.posts]) == (Accepted(""), ["/ada"])


async def test_services_that_nobody_could_use_are_told(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="HARK_CHAT_SERVICES, 'team': apprise cannot use the URL"):
        providers(msgspec.structs.replace(settings, chat=named("nosuch://x/{target}")))


async def test_without_apprise_there_is_no_chat(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "delivery.chat.provider", raising=False)
    monkeypatch.delitem(sys.modules, "delivery.chat.plugins", raising=False)
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(SettingsError, match=r"HARK_CHAT_SERVICES needs apprise: pip install 'hark\[apprise\]'"):
        providers(msgspec.structs.replace(settings, chat=named("json://127.0.0.1/{target}")))


async def test_a_worker_with_such_services_stops_with_one_line_that_has_no_secret(
    database_url: str, redis_url: str
) -> None:
    env = {
        "HARK_DATABASE_URL": database_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
        "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "HARK_CHAT_SERVICES": '{"team": "slack://a-token/{target}"}',
        "PATH": os.defpath,
    }
    worker = await create_subprocess_exec(sys.executable, "-m", "jobs", env=env, stderr=PIPE)
    _, said = await worker.communicate()

    assert worker.returncode == 1
    assert said == b"hark: HARK_CHAT_SERVICES, 'team': apprise cannot use the URL\n"


async def test_who_names_no_services_does_not_load_apprise() -> None:
    asked = "import sys, hub.app, jobs.worker, jobs.channels; print('apprise' in sys.modules)"
    python = await create_subprocess_exec(sys.executable, "-c", asked, stdout=PIPE)
    said, _ = await python.communicate()

    assert said == b"False\n"
