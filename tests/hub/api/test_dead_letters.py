"""What nobody took, and its second chance."""

from typing import Any

import httpx
import pytest

from tests.browser import Browser, subscribe
from tests.due_engine import Engine
from tests.hub_process import Customer


async def dead(hub: Customer, **params: Any) -> dict[str, Any]:
    answer = await hub.http.get("/api/v1/dead-letters", params=params)
    page: dict[str, Any] = answer.raise_for_status().json()
    return page


async def replay(hub: Customer, **which: Any) -> int:
    answer = await hub.http.post("/api/v1/dead-letters/replay", json=which)
    count: int = answer.raise_for_status().json()["replayed"]
    return count


async def refused(hub: Customer, http: httpx.AsyncClient, engine: Engine, user_id: str) -> tuple[Browser, str]:
    """A push that its provider will never take, it says."""
    browser = await subscribe(http)
    await hub.register(user_id, browser.subscription)
    await browser.meets(status=413)
    sent = await hub.send(user_id)
    await engine.run()
    return browser, sent


async def test_what_failed_is_listed_and_pushed_when_it_is_replayed(
    hub: Customer, http: httpx.AsyncClient, engine: Engine
) -> None:
    browser, sent = await refused(hub, http, engine, "ada")
    [letter] = (await dead(hub))["dead_letters"]
    assert (letter["notification_id"], letter["user_id"], letter["failure"]) == (sent, "ada", "rejected")

    assert await replay(hub, notification_id=sent) == 1
    await engine.run()
    assert len(await browser.heard()) == 1
    [line] = await hub.status(sent)
    assert (line["state"], [attempt["number"] for attempt in line["attempts"]]) == ("pushed", [1, 2])
    assert (await dead(hub))["dead_letters"] == []


async def test_a_user_without_a_device_is_no_dead_letter(hub: Customer, engine: Engine) -> None:
    await hub.send("nobody")
    await engine.run()
    assert (await dead(hub))["dead_letters"] == []
    assert await replay(hub, all=True) == 0


async def test_what_was_acknowledged_since_is_not_pushed_again(
    hub: Customer, http: httpx.AsyncClient, engine: Engine
) -> None:
    await refused(hub, http, engine, "ada")
    async with hub.online("ada", cursor="0") as page:
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    assert await replay(hub, all=True) == 0


async def test_they_are_paged_newest_first_and_filtered(hub: Customer, http: httpx.AsyncClient, engine: Engine) -> None:
    for user_id in ("ada", "grace", "joan"):
        await refused(hub, http, engine, user_id)
    first = await dead(hub, limit=2)
    assert [letter["user_id"] for letter in first["dead_letters"]] == ["joan", "grace"]
    second = await dead(hub, limit=2, before=first["next"])
    assert ([letter["user_id"] for letter in second["dead_letters"]], second["next"]) == (["ada"], None)
    assert (await dead(hub, failure="exhausted"))["dead_letters"] == []
    assert await replay(hub, user_id="grace", failure="rejected") == 1


@pytest.mark.parametrize("which", [{}, {"all": True, "user_id": "ada"}, {"failure": 1}])
async def test_a_replay_says_what_it_means(hub: Customer, which: dict[str, Any]) -> None:
    assert (await hub.http.post("/api/v1/dead-letters/replay", json=which)).status_code == 422


async def test_a_place_that_is_none_is_refused(hub: Customer) -> None:
    assert (await hub.http.get("/api/v1/dead-letters", params={"before": "x"})).status_code == 422
