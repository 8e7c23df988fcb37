"""Webhooks over REST: made, shown, changed, rotated, tried out."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
import pytest
from asyncpg import Record

from tests.hub_process import Customer
from tests.receiver import Receiver


async def test_its_secret_is_shown_once(hub: Customer, endpoint: Receiver) -> None:
    made = await hub.add_webhook(endpoint.url, description="Orders", events=["notification.read"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made | {"id": None, "created_at": None} == {
        "id": None,
        "url": endpoint.url,
        "events": ["notification.read"],
        "description": "Orders",
        "created_at": None,
        "state": "enabled",
        "disabled_at": None,
        "disabled_reason": None,
        "failing_since": None,
        "last_success_at": None,
        "last_failure": None,
    }
    assert (await hub.http.get(f"/api/v1/webhooks/{made['id']}")).json() == made
    assert (await hub.http.get("/api/v1/webhooks")).json() == {"webhooks": [made]}


async def test_a_test_tells_an_event_now_and_says_what_came_back(hub: Customer, endpoint: Receiver) -> None:
    made = await hub.add_webhook(endpoint.url)
    endpoint.answers(204, 500, 302, "reset")
    tried = [(await hub.http.post(f"/api/v1/webhooks/{made['id']}/test")).json() for _ in range(4)]
    assert [(one["told"], one["answer"]) for one in tried] == [
        (True, "204 No Content"),
        (False, "500 Internal Server Error"),
        (False, "302 Found"),
        (False, "connection_lost"),
    ]
    call = endpoint.calls[0]
    event = call.verified(made["secret"])
    assert (event["type"], event["data"], call.id) == ("webhook.test", {"webhook_id": made["id"]}, tried[0]["event_id"])
    assert call.headers["content-type"] == "application/json"
    assert (await hub.http.get(f"/api/v1/webhooks/{made['id']}")).json()["last_failure"] is None


async def test_after_a_rotation_both_secrets_sign_for_a_day(
    hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    rotated = (await hub.http.post(f"/api/v1/webhooks/{made['id']}/rotate")).json()
    await hub.http.post(f"/api/v1/webhooks/{made['id']}/test")
    [call] = endpoint.calls
    for secret in (made["secret"], rotated["secret"]):
        call.verified(secret)

    await pool.execute("update webhook_secrets set until = until - interval '24 hours'")  # a day later
    await hub.http.post(f"/api/v1/webhooks/{made['id']}/test")
    assert len(endpoint.calls[1].headers["webhook-signature"].split()) == 1
    endpoint.calls[1].verified(rotated["secret"])


async def test_it_can_be_changed_disabled_and_enabled_again(hub: Customer, endpoint: Receiver) -> None:
    made = await hub.add_webhook(endpoint.url, events=["notification.read"])
    one = f"/api/v1/webhooks/{made['id']}"
    changed = (await hub.http.patch(one, json={"events": None, "description": "All", "url": endpoint.url + "2"})).json()
    assert (changed["events"], changed["description"], changed["url"]) == (None, "All", endpoint.url + "2")

    disabled = (await hub.http.patch(one, json={"enabled": False})).json()
    assert (disabled["state"], disabled["disabled_reason"], disabled["events"]) == ("disabled", "requested", None)
    assert disabled["disabled_at"] is not None
    again = (await hub.http.patch(one, json={"enabled": False})).json()
    assert again == disabled
    enabled = (await hub.http.patch(one, json={"enabled": True})).json()
    assert (enabled["state"], enabled["disabled_reason"], enabled["disabled_at"]) == ("enabled", None, None)


async def test_a_deleted_one_is_gone_with_its_secrets(
    hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    assert (await hub.http.delete(f"/api/v1/webhooks/{made['id']}")).status_code == 204
    assert (await hub.http.get(f"/api/v1/webhooks/{made['id']}")).status_code == 404
    assert await pool.fetchval("select count(*) from webhook_secrets") == 0


@pytest.mark.parametrize("unknown", ["01977a00-0000-7000-8000-000000000000", "no-uuid"])
async def test_what_is_not_there_is_not_found(hub: Customer, unknown: str) -> None:
    one = f"/api/v1/webhooks/{unknown}"
    answers = [
        await hub.http.get(one),
        await hub.http.patch(one, json={"enabled": True}),
        await hub.http.delete(one),
        await hub.http.post(f"{one}/rotate"),
        await hub.http.post(f"{one}/test"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"url": "ftp://shop.example/"}, "$.url"),
        ({"url": "https://user:pass@shop.example/"}, "$.url"),
        ({"url": "https://shop.example/#x"}, "$.url"),
        ({"url": "https://10.0.0.1/"}, "$.url"),
        ({"url": "https://0x7f.1/"}, "$.url"),
        ({"url": "https://[::1]/"}, "$.url"),
        ({"url": "https://127.0.0.1/", "events": []}, "$.events"),
        ({"url": "https://127.0.0.1/", "events": ["notification.lost"]}, "$.events[0]"),
        ({"url": "https://127.0.0.1/", "description": "x" * 201}, "$.description"),
        ({"url": "https://127.0.0.1/", "secret": "whsec_mine"}, "$"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_path(hub: Customer, body: dict[str, Any], path: str) -> None:
    answer = await hub.http.post("/api/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_without_leave_this_machine_is_no_receiver(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], endpoint: Receiver
) -> None:
    async with start_hub(webhook_allowed_networks=()) as hub:
        for url in (endpoint.url, "http://localhost/", "https://localhost:8443/x"):
            answer = await hub.http.post("/api/v1/webhooks", json={"url": url})
            assert (answer.status_code, "HARK_WEBHOOK_ALLOWED_NETWORKS" in answer.text) == (422, True)
    assert endpoint.calls == []


async def test_there_are_only_so_many(hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]") -> None:
    await pool.execute(
        "insert into webhooks (id, url, description) select gen_random_uuid(), 'x', '' from generate_series(1, 100)"
    )
    assert (await hub.http.post("/api/v1/webhooks", json={"url": endpoint.url})).status_code == 409


async def test_it_takes_an_api_key(hub: Customer) -> None:
    answer = await hub.http.get("/api/v1/webhooks", headers={"Authorization": ""})
    assert answer.status_code == 401
