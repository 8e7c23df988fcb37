"""A worker's channels to mailboxes and phone numbers: there when they are configured, and told when nobody could use
them."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

import httpx
import msgspec
import pytest

from delivery.email.settings import EmailSettings
from delivery.message import Target
from delivery.outcome import Accepted
from delivery.sms.settings import SmsSettings
from hub.settings import Settings, SettingsError
from jobs.channels import providers
from tests.delivery.sample import PLAIN
from tests.encryption import ENCRYPTION_KEYS
from tests.mailbox import Mailbox


async def test_a_worker_with_a_mail_server_sends_mails(
    settings: Settings, email_settings: EmailSettings, http: httpx.AsyncClient
) -> None:
    built = providers(msgspec.structs.replace(settings, email=email_settings))
    [email] = [provider for provider in built if provider.channel == "email"]
    mailbox = Mailbox(http)
    outcome = await email.send(PLAIN, Target(channel="email", address=mailbox.address, app=""))
    for provider in built:
        await provider.aclose()

    assert isinstance(outcome, Accepted)
    assert (await mailbox.got_one())[0]["subject"] == PLAIN.title


async def test_a_worker_with_an_account_at_twilio_sends_texts(
    settings: Settings, sms_settings: SmsSettings, http: httpx.AsyncClient
) -> None:
    built = providers(msgspec.structs.replace(settings, sms=sms_settings))
    [sms] = [provider for provider in built if provider.channel == "sms"]
    outcome = await sms.send(PLAIN, Target(channel="sms", address="+15005559999", app=""))
    for provider in built:
        await provider.aclose()

    [text] = (await http.get("/deliveries", params={"token": "+15005559999"})).json()
    assert isinstance(outcome, Accepted)
    assert text["payload"]["body"] == f"{PLAIN.title}\n{PLAIN.message}"


async def test_without_either_there_is_neither(settings: Settings) -> None:
    built = providers(msgspec.structs.replace(settings, email=EmailSettings(), sms=SmsSettings()))
    for provider in built:
        await provider.aclose()

    assert not {"email", "sms"} & {provider.channel for provider in built}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mail_from": ""}, "HARK_MAIL_FROM is neither"),
        ({"smtp_security": "none", "smtp_host": "mail.example.com"}, "HARK_SMTP_SECURITY=none"),
        ({"smtp_deadline_s": 15.0}, "HARK_SMTP_DEADLINE_S=15 is not below HARK_LEASE_S=15"),
    ],
)
async def test_settings_that_nobody_could_use_are_told(
    settings: Settings, email_settings: EmailSettings, changes: dict[str, object], told: str
) -> None:
    wrong = msgspec.structs.replace(settings, email=msgspec.structs.replace(email_settings, **changes))

    with pytest.raises(SettingsError, match=told):
        providers(wrong)


async def test_an_account_that_nobody_could_use_is_told(settings: Settings, sms_settings: SmsSettings) -> None:
    wrong = msgspec.structs.replace(settings, sms=msgspec.structs.replace(sms_settings, twilio_auth_token=""))

    with pytest.raises(SettingsError, match="HARK_TWILIO_AUTH_TOKEN or HARK_TWILIO_API_KEY is needed"):
        providers(wrong)


async def test_a_worker_with_such_settings_stops_with_one_line(database_url: str, redis_url: str) -> None:
    env = {
        "HARK_DATABASE_URL": database_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
        "HARK_ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "HARK_SMTP_HOST": "mail.example.com",
        "PATH": os.defpath,
    }
    worker = await create_subprocess_exec(sys.executable, "-m", "jobs", env=env, stderr=PIPE)
    _, said = await worker.communicate()

    assert worker.returncode == 1
    assert said.startswith(b"hark: HARK_MAIL_FROM is neither")
    assert said.count(b"\n") == 1
