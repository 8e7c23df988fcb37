"""Which channels a worker has, and what it says of credentials that nobody could use."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

import msgspec
import pytest

from delivery.apns.settings import ApnsSettings
from delivery.fcm.settings import FcmSettings
from delivery.webpush.settings import WebPushSettings
from hub.settings import Settings, SettingsError
from jobs.channels import providers
from tests.encryption import ENCRYPTION_KEYS


async def test_a_channel_is_there_when_it_has_credentials(settings: Settings) -> None:
    none = msgspec.structs.replace(settings, webpush=WebPushSettings(), apns=ApnsSettings(), fcm=FcmSettings())
    built = providers(settings)
    names = [provider.channel for provider in built]
    for provider in built:
        await provider.aclose()

    assert names == ["apns", "fcm", "webpush"]
    assert providers(none) == []


async def test_credentials_that_cannot_be_used_are_told(settings: Settings) -> None:
    wrong = msgspec.structs.replace(settings, webpush=WebPushSettings(), apns=ApnsSettings(apns_key="/nowhere"))

    with pytest.raises(SettingsError, match="HARK_APNS_KEY_ID is not 10"):
        providers(wrong)


async def test_without_firebase_admin_there_is_no_fcm(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "delivery.fcm.provider")
    monkeypatch.delitem(sys.modules, "delivery.fcm.payload")
    monkeypatch.setitem(sys.modules, "firebase_admin", None)

    with pytest.raises(SettingsError, match=r"pip install 'hark\[fcm\]'"):
        providers(msgspec.structs.replace(settings, apns=ApnsSettings()))


async def test_a_worker_with_such_credentials_stops_with_one_line(database_url: str, redis_url: str) -> None:
    env = {
        "HARK_DATABASE_URL": database_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
        "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "HARK_APNS_KEY": "/nowhere",
        "PATH": os.defpath,
    }
    worker = await create_subprocess_exec(sys.executable, "-m", "jobs", env=env, stderr=PIPE)
    _, said = await worker.communicate()

    assert worker.returncode == 1
    assert said.startswith(b"hark: HARK_APNS_KEY_ID is not 10")
    assert said.count(b"\n") == 1
