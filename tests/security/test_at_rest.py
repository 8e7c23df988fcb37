"""Who gets hold of the database gets no token, no address and no secret; who writes to it moves none elsewhere."""

import base64
import hashlib
import json
from typing import cast

import asyncpg
import httpx
import pytest
from asyncpg import Record

from hub.store.sealed_columns import COLUMNS
from hub.vault import Vault
from sessions.sealing import Unreadable
from tests.browser import Browser
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.jobs.test_contacts import put
from tests.mailbox import Mailbox
from tests.phone import Phone, install
from tests.receiver import Receiver
from tests.security.rest import dump, hark
from tests.webhook_engine import Webhooks, delivered, later

CHAT = "U0123456789canary"
TEXT = "canary-in-the-title"
EMAIL, PHONE = "canary.ada@example.com", "+15005550199"
OTHER = "second:" + "A" * 43 + ",lookup:" + "B" * 43


def traces(canary: str) -> set[str]:
    """As it may lie somewhere in a dump: itself, in other letters, and what a guess is compared with."""
    raw = canary.encode()
    in_base64 = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {canary, raw.hex(), hashlib.sha256(raw).hexdigest()} | {text.rstrip("=")[:-1] for text in in_base64}


async def test_a_dump_has_no_token_no_address_and_no_secret(
    hub: Customer, http: httpx.AsyncClient, browser: Browser, engine: Engine, database_url: str
) -> None:
    phones = [await install(http, platform=platform) for platform in ("ios", "android")]
    for phone in phones:
        await hub.register_phone("ada", phone.platform, phone.token)
    await hub.register("ada", browser.subscription)
    contacts = {"email": EMAIL, "phone": PHONE, "chats": [{"service": "team", "target": CHAT}]}
    (await hub.http.put("/api/v1/users/ada", json=contacts)).raise_for_status()
    made = await hub.add_webhook("https://shop.example/hark")
    rotated = (await hub.http.post(f"/api/v1/webhooks/{made['id']}/rotate")).json()
    await hub.send("ada", TEXT, ladder=[{"channels": ["push", "email", "sms"], "after_s": 0}])
    await engine.run()
    assert [len(await phone.heard()) for phone in phones] == [1, 1]

    subscription = json.loads(browser.subscription)
    canaries = [
        *(phone.token for phone in phones),
        subscription["endpoint"],
        *subscription["keys"].values(),
        EMAIL,
        PHONE,
        CHAT,
        made["secret"],
        rotated["secret"],
    ]
    dumped = await dump(database_url)
    assert TEXT in dumped  # so one would be seen
    assert [canary for canary in canaries if any(trace in dumped for trace in traces(canary))] == []


async def test_postgres_takes_nothing_that_is_not_encrypted(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await hub.register_phone("ada", "ios", "0a" * 32)
    await put(hub, "ada", email=EMAIL, phone=PHONE)
    await hub.add_webhook("https://shop.example/hark")
    for statement in (
        "update sessions set token = 'a token'",
        "update users set email = 'eve@example.com'",
        "update users set phone = '+15005550199'",
        "update users set chats = '[]'",
        "update webhook_secrets set secret = 'whsec_AAAA'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(statement)


@pytest.mark.parametrize(
    "swapped",
    [
        "token = o.token",  # pushes for ada would go to eve's phone
        "token = o.token, token_digest = o.token_digest",
    ],
)
async def test_a_token_in_anothers_place_is_used_by_nobody(
    hub: Customer,
    http: httpx.AsyncClient,
    engine: Engine,
    pool: "asyncpg.Pool[Record]",
    caplog: pytest.LogCaptureFixture,
    swapped: str,
) -> None:
    phones = {user: await install(http, platform="ios") for user in ("ada", "eve", "grace")}
    for user, phone in phones.items():
        await hub.register_phone(user, phone.platform, phone.token)
    await pool.execute("drop index sessions_token")
    swap = f"""update sessions s set {swapped} from sessions o
               where (s.user_id, o.user_id) in (('ada', 'eve'), ('eve', 'ada'))"""  # noqa: S608 - of this test
    assert await pool.execute(swap) == "UPDATE 2"

    sent = await hub.send(list(phones))
    await pool.execute("update entries set due_at = now()")
    await engine.run()
    assert [len(await phone.heard()) for phone in phones.values()] == [0, 0, 1]
    lines = {line["user_id"]: line for line in await hub.status(sent)}
    assert (lines["ada"]["state"], lines["eve"]["state"], lines["grace"]["state"]) == ("failed", "failed", "pushed")
    [attempt] = lines["ada"]["attempts"]
    assert (attempt["outcome"], attempt["code"]) == ("rejected", "unreadable")
    assert caplog.text.count("target.unreadable") == 2
    assert not [phone.token for phone in phones.values() if phone.token in caplog.text]


async def test_an_address_in_anothers_place_is_used_by_nobody(
    hub: Customer,
    http: httpx.AsyncClient,
    engine: Engine,
    pool: "asyncpg.Pool[Record]",
    caplog: pytest.LogCaptureFixture,
) -> None:
    boxes = {user: Mailbox(http) for user in ("ada", "eve", "grace")}
    for user, box in boxes.items():
        await put(hub, user, email=box.address, phone=PHONE)
    await pool.execute("update users u set email = o.email from users o where u.user_id = 'ada' and o.user_id = 'eve'")
    sent = await hub.send(list(boxes), ladder=[{"channels": ["email"], "after_s": 0}])
    await engine.run()
    assert [len(await box.got()) for box in boxes.values()] == [0, 1, 1]
    assert {line["user_id"]: line["state"] for line in await hub.status(sent)}["ada"] == "failed"
    shown = (await hub.http.get("/api/v1/users/ada")).json()
    assert (shown["email"], shown["phone"]) == (None, PHONE)
    assert "address.unreadable" in caplog.text
    assert not [box.address for box in boxes.values() if box.address in caplog.text]
    await put(hub, "ada", email=boxes["ada"].address)
    assert (await hub.http.get("/api/v1/users/ada")).json()["email"] == boxes["ada"].address


async def test_each_of_them_opens_in_its_own_place_only(
    hub: Customer, pool: "asyncpg.Pool[Record]", vault: Vault
) -> None:
    for number, user in enumerate(("ada", "eve")):
        contacts = {"email": EMAIL, "phone": PHONE, "chats": [{"service": "team", "target": CHAT}]}
        (await hub.http.put(f"/api/v1/users/{user}", json=contacts)).raise_for_status()
        await hub.register_phone(user, "ios", f"{number:064x}")
        await hub.add_webhook(f"https://shop.example/{user}")
    places = [
        (column, row)
        for column in COLUMNS
        for row in await pool.fetch(column.read, *column.before_all, "another key", 10)
    ]
    assert len(places) == 2 * len(COLUMNS)
    for column, row in places:
        opened = [
            row["stored"] == other["stored"]
            for _, other in places
            if not isinstance(column.line(vault, cast(Record, {**row, "stored": other["stored"]})), Unreadable)
        ]
        assert opened == [True], column.name


async def test_a_webhook_without_a_secret_that_can_be_read_is_not_called(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made, other = await hub.add_webhook(endpoint.url), await hub.add_webhook(f"{endpoint.url}/other")
    await pool.execute(
        "update webhook_secrets s set secret = o.secret from webhook_secrets o "
        "where s.webhook_id = $1::text::uuid and o.webhook_id = $2::text::uuid",
        made["id"],
        other["id"],
    )
    await delivered(hub, pool, "ada")
    await later(pool)
    await webhooks.run()
    assert [call.verified(other["secret"])["type"] for call in endpoint.calls] == ["notification.delivered"]
    assert (await hub.webhook(made["id"]))["last_failure"]["answer"] == "no_secret"
    tried = (await hub.http.post(f"/api/v1/webhooks/{made['id']}/test")).json()
    assert (tried["told"], tried["answer"]) == (False, "no_secret")


async def test_a_key_that_the_worker_lacks_loses_nothing(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    phone = await _ios(hub, http)
    await pool.execute("update sessions set token = replace(token, 'sealed:first:', 'sealed:later:')")
    sent = await hub.send("ada")
    await pool.execute("update entries set due_at = now()")
    await engine.run()
    [line] = await hub.status(sent)
    assert [(attempt["outcome"], attempt["code"]) for attempt in line["attempts"]] == [("misconfigured", "no_key")]
    assert line["state"] == "accepted"
    past = await hub.http.get(f"/api/v1/notifications/{sent}/explain", params={"user_id": "ada"})
    assert "its address is encrypted with a key that the worker does not have" in past.text
    future = await hub.http.post("/api/v1/explain", json={"user_id": "ada", "title": "Hello"})
    assert "would not be called: its address cannot be read (no_key)" in future.text

    await pool.execute("update sessions set token = replace(token, 'sealed:later:', 'sealed:first:')")
    await pool.execute("update entries set due_at = now()")
    await pool.execute("update attempts set retry_at = now()")
    await engine.run()
    assert len(await phone.heard()) == 1
    assert [line["state"] for line in await hub.status(sent)] == ["pushed"]


@pytest.mark.parametrize(("module", "words"), [("hub", ["serve"]), ("jobs", [])])
async def test_nothing_starts_without_a_key_or_with_another_one(
    hub: Customer, database_url: str, module: str, words: list[str]
) -> None:
    await hub.http.get("/ready")  # takes down which keys there are
    await hub.register_phone("ada", "ios", "0a" * 32)
    for keys, told in (
        (
            "",
            "HARK_ENCRYPTION_KEYS is missing: device tokens, addresses and signing secrets are stored encrypted "
            "(`hark keys encryption` makes a key)",
        ),
        (
            "none",
            "HARK_ENCRYPTION_KEYS: neither name:key, comma separated, nor the path of a file with that "
            "(No such file or directory)",
        ),
        (OTHER, "HARK_ENCRYPTION_KEYS lacks the key 'first', which rows of this database need"),
        (
            OTHER.replace("second", "first"),
            "HARK_ENCRYPTION_KEYS: 'first' is another key than this database knows by that name",
        ),
    ):
        assert await hark(database_url, *words, module=module, keys=keys) == (1, "", f"hark: {told}\n")


async def _ios(hub: Customer, http: httpx.AsyncClient) -> Phone:
    phone = await install(http, platform="ios")
    await hub.register_phone("ada", phone.platform, phone.token)
    return phone
