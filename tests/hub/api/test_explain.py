"""Why, in words."""

from typing import Any

from tests.browser import Browser
from tests.clearing_engine import Cleaner
from tests.due_engine import Engine
from tests.hub_process import Customer

_LADDER = [{"channels": ["push"], "after_s": 5}, {"channels": ["email"], "after_s": 600, "if": "unread"}]


async def explained(hub: Customer, notification_id: str, user_id: str = "ada") -> list[dict[str, Any]]:
    answer = await hub.http.get(f"/api/v1/notifications/{notification_id}/explain", params={"user_id": user_id})
    lines: list[dict[str, Any]] = answer.raise_for_status().json()["lines"]
    return lines


def words(lines: list[dict[str, Any]], step: int) -> list[str]:
    return [line["what"] for line in lines if line["step"] == step]


async def test_a_push_that_a_provider_took_and_what_is_to_come(hub: Customer, browser: Browser, engine: Engine) -> None:
    session_id = await hub.register("ada", browser.subscription)
    sent = await hub.send("ada", ladder=_LADDER)
    await engine.run()
    lines = await explained(hub, sent)
    assert words(lines, 0) == ["accepted and stored as entry 1 of the user's inbox", "no device has acknowledged it"]
    assert words(lines, 1) == [
        "push to every target after 5 s, if unacked",
        "attempt 1: accepted by the provider",
    ]
    [attempt] = [line for line in lines if "channel" in line]
    assert (attempt["channel"], attempt["target_id"]) == ("webpush", session_id)
    assert words(lines, 2)[:2] == ["email to every target after 600 s, if unread", "due"]


async def test_a_push_that_was_cleared_from_the_screen(
    hub: Customer, browser: Browser, engine: Engine, cleaner: Cleaner
) -> None:
    session_id = await hub.register("ada", browser.subscription)
    sent = await hub.send("ada")
    await engine.run()
    (await hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    await cleaner.clean()
    lines = await explained(hub, sent)

    assert words(lines, 1) == [
        "push to every target after 5 s, if unacked",
        "attempt 1: accepted by the provider",
        "the device was told to show it no more",
        "withdrawn: cancelled",
        "a provider has it; whether the user does, nobody has said",
    ]
    [cleared] = [line for line in lines if line["what"].startswith("the device")]
    assert (cleared["channel"], cleared["target_id"], "at" in cleared) == ("webpush", session_id, True)
    [attempt] = (await hub.status(sent))[0]["attempts"]
    assert attempt["cleared_at"] is not None


async def test_why_nobody_was_called(hub: Customer, engine: Engine) -> None:
    async with hub.online("ada") as page:
        noticed = await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    alone = await hub.send("ada")
    await engine.run()
    assert words(await explained(hub, noticed), 1)[-1] == "nobody was called: the user had noticed by then"
    assert "nobody to call" in words(await explained(hub, alone), 1)[1]
    assert words(await explained(hub, alone), 1)[-1].startswith("failed: there is nobody to call")


async def test_a_provider_that_fails_is_told_with_its_own_word(hub: Customer, browser: Browser, engine: Engine) -> None:
    await hub.register("ada", browser.subscription)
    await browser.meets(status=503)
    sent = await hub.send("ada")
    await engine.run()
    [attempt] = [line for line in await explained(hub, sent) if "channel" in line]
    assert attempt["what"].startswith("attempt 1: unavailable (http_503); again at ")


async def test_whoever_did_not_get_it_has_nothing_to_explain(hub: Customer) -> None:
    sent = await hub.send("ada")
    for params, status in (({"user_id": "grace"}, 404), ({}, 422)):
        answer = await hub.http.get(f"/api/v1/notifications/{sent}/explain", params=params)
        assert answer.status_code == status


async def test_what_a_send_would_do_is_told_and_not_done(hub: Customer, browser: Browser) -> None:
    await hub.register("ada", browser.subscription)
    await hub.http.put("/api/v1/users/ada", json={"email": "ada@example.com"})
    answer = await hub.http.post("/api/v1/explain", json={"user_id": "ada", "title": "Hello", "ladder": _LADDER})
    lines = answer.raise_for_status().json()["lines"]
    assert words(lines, 0) == ["stored in the inbox and shown on 0 connections of this node"]
    assert words(lines, 1) == ["push to every target after 5 s, if unacked", "would be called"]
    assert words(lines, 2)[1] == "would not be called: no credentials for this channel"
    assert (await hub.http.get("/api/v1/users/ada/inbox")).json()["head"] == 0
    assert (await hub.http.post("/api/v1/explain", json={"user_ids": ["ada"], "title": "x"})).status_code == 422
