"""What a key does to rights and to others' data is in the audit log; secrets, contents and addresses are not."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest

from hub.audit import Chain
from hub.roles import ROLES, Role
from hub.store import audit
from hub.store.postgres import Pool
from tests.hub_process import Customer
from tests.security.keys import id_of, server

NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
SECRET = "canary"  # in all that must not be there
PHONE = "+4915112345678"


async def deeds(pool: Pool) -> list[tuple[str, str, dict[str, Any]]]:
    """Action, outcome and objects of each, once the chain was found whole."""
    chain = Chain()
    async with pool.acquire() as connection:
        rows = [row async for row in audit.every_row(connection)]
    assert [fault for row in rows for fault in chain.look(row)] == []
    return [(row.action, row.outcome, msgspec.json.decode(row.objects)) for row in rows]


async def test_devices_that_come_and_go(hub: Customer, pool: Pool) -> None:
    token = f"{SECRET}-of-a-device"
    session_id = await hub.register_phone("ada", "ios", token)
    assert await hub.register_phone("ada", "ios", token) == session_id  # as it was
    moved_id = await hub.register_phone("grace", "ios", token)
    assert (await hub.http.delete(f"/api/v1/sessions/grace/{moved_id}")).status_code == 204
    assert (await hub.http.delete(f"/api/v1/sessions/grace/{moved_id}")).status_code == 404
    assert (await hub.http.delete("/api/v1/sessions/ada")).status_code == 200
    assert await deeds(pool) == [
        ("session.registered", "done", {"user_id": "ada", "session_id": session_id}),
        ("session.registered", "done", {"user_id": "grace", "session_id": moved_id}),
        ("session.deleted", "done", {"user_id": "grace", "session_id": moved_id, "sessions": 1}),
        ("session.deleted", "nothing", {"user_id": "grace", "session_id": moved_id, "sessions": 0}),
        ("session.deleted", "nothing", {"user_id": "ada", "session_id": "all", "sessions": 0}),
    ]


async def test_topics_and_their_members(hub: Customer, pool: Pool) -> None:
    for _ in range(2):
        await hub.http.put("/api/v1/topics/news")
    await hub.http.patch("/api/v1/topics/news/members", json={"add": ["ada"], "remove": ["grace"]})
    many = [f"user-{number}" for number in range(101)]
    await hub.http.patch("/api/v1/topics/news/members", json={"add": many})
    await hub.http.patch("/api/v1/topics/news/members", json={"add": ["ada"]})
    await hub.http.delete("/api/v1/topics/news")
    await hub.http.delete("/api/v1/topics/news")
    news = {"topic": "news"}
    assert await deeds(pool) == [
        ("topic.created", "done", news),
        ("topic.created", "nothing", news),
        ("topic.members_changed", "done", news | {"added": 1, "removed": 0, "add": ["ada"], "remove": ["grace"]}),
        ("topic.members_changed", "done", news | {"added": 101, "removed": 0}),
        ("topic.members_changed", "nothing", news | {"added": 0, "removed": 0, "add": ["ada"], "remove": []}),
        ("topic.deleted", "done", news),
        ("topic.deleted", "nothing", news),
    ]


async def test_webhooks(hub: Customer, pool: Pool) -> None:
    made = await hub.add_webhook(f"http://127.0.0.1:9/{SECRET}", description=SECRET)
    path = f"/api/v1/webhooks/{made['id']}"
    await hub.http.patch(path, json={"url": f"http://127.0.0.1:9/{SECRET}2", "enabled": False})
    secret = (await hub.http.post(f"{path}/rotate")).json()["secret"]
    await hub.http.delete(path)
    await hub.http.delete(path)
    named = {"webhook_id": made["id"]}
    found = await deeds(pool)
    assert found == [
        ("webhook.created", "done", named),
        ("webhook.changed", "done", named | {"fields": ["url", "enabled"]}),
        ("webhook.rotated", "done", named),
        ("webhook.deleted", "done", named),
        ("webhook.deleted", "nothing", named),
    ]
    assert secret not in str(found)
    assert made["secret"] not in str(found)


async def test_contacts_are_told_of_without_an_address(hub: Customer, pool: Pool) -> None:
    await hub.http.put("/api/v1/users/ada", json={"email": f"{SECRET}@example.org", "phone": PHONE})
    await hub.http.put("/api/v1/users/ada", json={"phone": PHONE})
    found = await deeds(pool)
    assert found == [
        ("contacts.changed", "done", {"user_id": "ada", "kinds": ["email", "phone"]}),
        ("contacts.changed", "done", {"user_id": "ada", "kinds": ["phone"]}),
    ]


async def test_what_is_taken_back(hub: Customer, pool: Pool) -> None:
    notification_id = await hub.send("ada", SECRET)
    await hub.http.delete(f"/api/v1/notifications/{notification_id}")
    await hub.http.delete(f"/api/v1/notifications/{NOBODY}")
    assert await deeds(pool) == [
        ("notification.cancelled", "done", {"notification_id": notification_id}),
        ("notification.cancelled", "nothing", {"notification_id": NOBODY}),
    ]


async def test_second_chances(hub: Customer, pool: Pool) -> None:
    await hub.send("ada", SECRET)
    await pool.execute("update entries set failed_at = now(), failure = 'exhausted', due_at = null")
    for _ in range(2):  # the second time there is none
        await hub.http.post("/api/v1/dead-letters/replay", json={"user_id": "ada", "failure": "exhausted"})
    told = {"user_id": "ada", "failure": "exhausted", "replayed": 1}
    assert await deeds(pool) == [("dead_letters.replayed", "done", told)]


@pytest.mark.parametrize("role", ROLES)
async def test_who_looks_into_what_is_anothers(hub: Customer, pool: Pool, role: Role) -> None:
    notification_id = await hub.send("ada", SECRET)
    async with server(hub, pool, "sender") as back_end:
        await back_end.put("/api/v1/users/ada", json={"phone": PHONE})
    before = len(await deeds(pool))
    async with server(hub, pool, role) as http:
        assert (await http.get("/api/v1/users/ada/inbox", params={"user_id": "grace"})).status_code == 200
        assert (await http.get("/api/v1/users/ada")).status_code == 200
        assert (await http.get("/api/v1/users/nobody")).status_code == 404  # nothing was shown
        assert (await http.get(f"/api/v1/users/{'x' * 129}/inbox")).status_code == 404
        explained = await http.get(f"/api/v1/notifications/{notification_id}/explain", params={"user_id": "ada"})
    told = [("inbox.read", "done", {"user_id": "ada"}), ("contacts.read", "done", {"user_id": "ada"})]
    if explained.status_code == 200:
        told += [("notification.explained", "done", {"notification_id": notification_id, "user_id": "ada"})]
    assert (await deeds(pool))[before:] == ([] if role == "sender" else told)  # a back end reads what it wrote


async def test_tokens_are_counted_for_each_key(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], pool: Pool
) -> None:
    async with start_hub() as hub, server(hub, pool, "sender") as http:
        await hub.token("ada")
        await hub.http.post("/api/v1/tokens", json={"user_ids": ["ada", "grace"]})
        await http.post("/api/v1/tokens", json={"user_id": "ada"})
        ids = {id_of(hub.http): 3, id_of(http): 1}
    told = [(row.by, msgspec.json.decode(row.objects)) for row in await audit.newest(pool, limit=9)]
    assert told == [(key_id, {"tokens": ids[key_id]}) for key_id in sorted(ids)]


async def test_who_did_it_is_the_key(hub: Customer, pool: Pool) -> None:
    async with server(hub, pool, "sender") as http:
        await http.put("/api/v1/topics/news")
    [row] = await audit.newest(pool, limit=9)
    assert (row.by, row.action) == (id_of(http), "topic.created")


async def test_nobody_sees_what_cannot_be_written_down(hub: Customer, pool: Pool) -> None:
    await hub.send("ada", SECRET)
    await pool.execute("alter table audit rename to elsewhere")
    answer = await hub.http.get("/api/v1/users/ada/inbox")
    assert answer.status_code >= 500
    assert SECRET not in answer.text
    assert (await hub.http.put("/api/v1/topics/news")).status_code >= 500
    assert await pool.fetchval("select count(*) from topics") == 0
