"""Mail and texts: from the ladder to the mailbox, through the real hub, engine and providers."""

import asyncpg
import httpx
from asyncpg import Record

from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.mailbox import Mailbox

_LADDER = [{"channels": ["push"]}, {"channels": ["email"], "after_s": 600, "if": "unread"}]
_TEN_MINUTES_LATER = "update entries set due_at = now(), created_at = now() - interval '10 minutes'"
_TOKEN = "%2B15005550009"


async def put(hub: Customer, user_id: str, **contacts: str) -> None:
    (await hub.http.put(f"/api/v1/users/{user_id}", json=contacts)).raise_for_status()


async def test_what_nobody_read_is_mailed_and_what_was_read_is_not(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    ada, grace = Mailbox(http), Mailbox(http)
    await put(hub, "ada", email=ada.address)
    await put(hub, "grace", email=grace.address)
    sent = await hub.send(["ada", "grace"], "Your table is ready", ladder=_LADDER)
    await engine.run()
    async with hub.online("grace", cursor="0") as page:
        await page.heard()
        await page.say("read", seqs=[1])
        await page.heard()
    await pool.execute(_TEN_MINUTES_LATER + " where due_at is not null")
    await engine.run()

    mail, _ = await ada.got_one()
    assert mail["subject"] == "Your table is ready"
    assert await grace.got() == []
    states = {line["user_id"]: line["state"] for line in await hub.status(sent)}
    assert states == {"ada": "pushed", "grace": "read"}


async def test_a_mailbox_that_is_gone_is_not_written_to_again_until_it_is_put_again(
    hub: Customer, http: httpx.AsyncClient, engine: Engine
) -> None:
    box = Mailbox(http)
    await put(hub, "ada", email=box.address)
    await box.is_closed()
    for failure in ("gone", "no_target"):
        sent = await hub.send("ada", ladder=[{"channels": ["email"]}])
        await engine.run()
        assert (await hub.status(sent))[0]["failure"] == failure
    assert (await hub.http.get("/api/v1/users/ada")).json()["email_gone"]
    await put(hub, "ada", email=Mailbox(http).address)
    assert not (await hub.http.get("/api/v1/users/ada")).json()["email_gone"]


async def test_a_text_goes_to_the_users_phone(hub: Customer, http: httpx.AsyncClient, engine: Engine) -> None:
    await put(hub, "ada", phone="+15005550009")
    await hub.send("ada", "Your code", message="is 42", ladder=[{"channels": ["sms"]}])
    await engine.run()
    [text] = (await http.get(f"/deliveries?token={_TOKEN}")).json()
    assert (text["channel"], "Your code" in text["payload"]["body"]) == ("sms", True)
