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
