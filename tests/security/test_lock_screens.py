"""What a notification says can be kept from providers and lock screens: they get its `push_text`."""

import itertools

import httpx
import msgspec

from tests.devices import Devices
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.mailbox import Mailbox

SECRETS = ("Diagnosis", "You are ill", "icd-10")
CONTENT = {"message": SECRETS[1], "data": {"code": SECRETS[2]}}
EVERYWHERE = [{"channels": ["push", "email", "sms"]}]

_numbers = itertools.count(15005557000)


async def test_no_provider_sees_what_a_push_text_stands_for(
    hub: Customer, devices: Devices, engine: Engine, http: httpx.AsyncClient
) -> None:
    mailbox, phone_number = Mailbox(http), f"+{next(_numbers)}"
    (await hub.http.put("/api/v1/users/ada", json={"email": mailbox.address, "phone": phone_number})).raise_for_status()
    sent = await hub.send("ada", SECRETS[0], **CONTENT, push_text="You have a new result", ladder=EVERYWHERE)
    await engine.run()

    text = await http.get("/deliveries", params={"token": phone_number})
    received = [*[await device.heard() for device in devices.all], await mailbox.got(), text.json()]
    assert [len(got) for got in received] == [1] * 5
    for got in map(msgspec.json.encode, received):
        assert b"You have a new result" in got
        assert not any(secret.encode() in got for secret in SECRETS)
    [push] = await devices.browser.heard()
    assert isinstance(push.payload, dict)
    assert (push.payload["id"], push.payload["data"], push.payload["truncated"]) == (sent, {}, True)


async def test_the_users_own_devices_get_the_whole(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await hub.send("ada", SECRETS[0], **CONTENT, push_text="You have a new result")
        entry = await page.heard()
    assert (entry["title"], entry["message"], entry["data"]) == (SECRETS[0], *CONTENT.values())
    assert "You have a new result" not in str(entry)


async def test_each_of_a_batch_has_its_own(hub: Customer, devices: Devices, engine: Engine) -> None:
    answer = await hub.http.post(
        "/api/v1/notifications/batch",
        json={
            "notifications": [{"user_id": "ada", "title": SECRETS[0], **CONTENT, "push_text": text} for text in "ab"]
        },
    )
    assert answer.json()["accepted"] == 2
    await engine.run()
    pushes = await devices.browser.heard()
    assert {push.payload["title"] for push in pushes if isinstance(push.payload, dict)} == {"a", "b"}
