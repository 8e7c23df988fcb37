"""`/api/v1/users`."""

from typing import Any

import pytest

from tests.hub_process import Customer


async def inbox(hub: Customer, user_id: str, **page: Any) -> dict[str, Any]:
    answer = await hub.http.get(f"/api/v1/users/{user_id}/inbox", params=page)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def test_an_inbox_is_paged_from_the_newest_on(hub: Customer) -> None:
    sent = [await hub.send("ada", f"number {number}") for number in range(5)]
    first = await inbox(hub, "ada", limit=2)
    assert (first["head"], first["unread"], first["next"]) == (5, 5, 4)
    second = await inbox(hub, "ada", limit=2, before=first["next"])
    third = await inbox(hub, "ada", limit=2, before=second["next"])
    assert third["next"] is None
    found = [entry["id"] for page in (first, second, third) for entry in page["entries"]]
    assert found == sent[::-1]


async def test_what_was_read_is_marked(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await hub.send("ada")
        await hub.send("ada")
        await page.heard_entries(2)
        await page.say("read", seqs=[1])
        await page.heard()
    found = await inbox(hub, "ada")
    assert found["unread"] == 1
    assert [entry.get("read", False) for entry in found["entries"]] == [False, True]


async def test_a_user_nobody_ever_wrote_to_has_an_empty_inbox(hub: Customer) -> None:
    assert await inbox(hub, "nobody") == {"user_id": "nobody", "head": 0, "unread": 0, "entries": [], "next": None}


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 201}, {"before": 0}, {"before": "x"}])
async def test_a_page_that_cannot_be_is_refused(hub: Customer, page: dict[str, Any]) -> None:
    answer = await hub.http.get("/api/v1/users/ada/inbox", params=page)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, next(iter(page)))


async def test_where_mail_and_sms_go_is_put_and_found(hub: Customer) -> None:
    put = await hub.http.put("/api/v1/users/ada", json={"email": "ada@example.com", "phone": "+4915112345678"})
    assert (put.status_code, put.json()["email"], put.json()["phone_gone"]) == (200, "ada@example.com", False)
    await hub.http.put("/api/v1/users/ada", json={"email": "lovelace@example.com"})
    found = (await hub.http.get("/api/v1/users/ada")).json()
    assert (found["email"], found["phone"]) == ("lovelace@example.com", None)
    assert (await hub.http.get("/api/v1/users/grace")).status_code == 404


@pytest.mark.parametrize(
    "contacts",
    [{"email": "nobody"}, {"email": "a b@example.com"}, {"email": "a@b\r\nBcc: x@y.z"}, {"phone": "015112345678"}],
)
async def test_an_address_that_cannot_be_is_refused(hub: Customer, contacts: dict[str, str]) -> None:
    answer = await hub.http.put("/api/v1/users/ada", json=contacts)
    assert answer.status_code == 422
    assert f"$.{next(iter(contacts))}" in answer.text
    assert (await hub.http.get("/api/v1/users/ada")).status_code == 404


async def test_chats_are_put_by_a_services_name_and_each_once(hub: Customer) -> None:
    telegram, team = {"service": "telegram", "target": "987654321"}, {"service": "team", "target": ""}
    put = await hub.http.put("/api/v1/users/ada", json={"chats": [telegram, {"service": "team"}, telegram]})
    assert (put.status_code, put.json()["chats"]) == (200, [telegram, team])
    assert (await hub.http.get("/api/v1/users/ada")).json()["chats"] == [telegram, team]
    await hub.http.put("/api/v1/users/ada", json={"email": "ada@example.com"})
    assert (await hub.http.get("/api/v1/users/ada")).json()["chats"] == []


@pytest.mark.parametrize(
    "chat",
    [
        {"service": "slack://token", "target": "ada"},
        {"service": "", "target": "ada"},
        {"service": "team", "target": "https://evil.example/"},
        {"service": "team", "target": "../admin"},
        {"service": "team", "target": "ada,grace"},
        {"service": "team", "target": "ada?to=grace"},
        {"service": "team", "target": "ada%2fgrace"},
        {"service": "team", "target": "{target}"},
        {"service": "team", "target": "ada\n"},
        {"service": "team", "url": "json://evil.example"},
    ],
)
async def test_a_chat_that_could_be_more_than_an_address_is_refused(hub: Customer, chat: dict[str, str]) -> None:
    answer = await hub.http.put("/api/v1/users/ada", json={"chats": [chat]})
    assert answer.status_code == 422
    assert "$.chats[0]" in answer.text


async def test_a_user_has_at_most_five_chats(hub: Customer) -> None:
    chats = [{"service": "team", "target": f"ada-{number}"} for number in range(6)]
    assert (await hub.http.put("/api/v1/users/ada", json={"chats": chats[:5]})).status_code == 200
    assert (await hub.http.put("/api/v1/users/ada", json={"chats": chats})).status_code == 422
