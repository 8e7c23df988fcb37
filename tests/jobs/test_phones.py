"""Phones: from the send call to the screen, through the real hub, engine and provider."""

import httpx
import pytest

from tests.clearing_engine import Cleaner
from tests.devices import read
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.phone import Phone, install


@pytest.fixture(params=[("ios", None), ("ios", "fcm"), ("android", None)], ids=["apns", "firebase", "android"])
async def phone(request: pytest.FixtureRequest, http: httpx.AsyncClient) -> Phone:
    platform, provider = request.param
    return await install(http, platform=platform, provider=provider)


async def register(hub: Customer, phone: Phone) -> str:
    return await hub.register_phone("ada", phone.platform, phone.token, provider=phone.channel)


async def test_a_phone_gets_what_nobody_acknowledged(hub: Customer, phone: Phone, engine: Engine) -> None:
    session_id = await register(hub, phone)
    sent = await hub.send("ada", "Shipped", message="On its way", data={"order": 42})
    await engine.run()

    [push] = await phone.heard()
    assert push.channel == phone.channel
    assert (await phone.text(), await phone.data()) == (("Shipped", "On its way"), {"order": 42})
    [line] = await hub.status(sent)
    assert line["state"] == "pushed"
    [attempt] = line["attempts"]
    assert (attempt["session_id"], attempt["channel"], attempt["outcome"]) == (session_id, phone.channel, "accepted")


async def test_an_app_that_was_deleted_takes_its_session_out_of_use(
    hub: Customer, phone: Phone, engine: Engine
) -> None:
    await register(hub, phone)
    await phone.deletes_the_app()
    sent = await hub.send("ada")
    await engine.run()

    assert (await hub.status(sent))[0]["failure"] == "gone"
    [session] = (await hub.http.get("/api/v1/sessions/ada")).json()["sessions"]
    assert session["state"] == "gone"


async def test_what_has_the_same_collapse_key_replaces_on_the_screen(
    hub: Customer, phone: Phone, engine: Engine
) -> None:
    await register(hub, phone)
    for title in ("one", "two"):
        await hub.send("ada", title, collapse_key="order-42")
        await engine.run()

    assert len(await phone.heard()) == 2
    assert len(await phone.shows()) == 1


@pytest.mark.parametrize("provider", [None, "fcm"])
async def test_an_iphones_badge_counts_what_is_unread_and_goes_when_it_is_read(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, cleaner: Cleaner, provider: str | None
) -> None:
    phone = await install(http, platform="ios", provider=provider)
    await register(hub, phone)
    badges = []
    for title in ("one", "two"):
        await hub.send("ada", title)
        await engine.run()
        badges.append(await phone.badge())
    for seq in (1, 2):
        await read(hub, seq)
        await cleaner.clean()
        badges.append(await phone.badge())

    assert badges == [1, 2, 1, 0]
    assert await phone.shows() == []
