"""Chat messages: from the ladder to the room, through the real hub, engine and apprise."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from asyncpg import Record
from prometheus_client import REGISTRY

from delivery.breaker import FAILURES
from delivery.chat.provider import Chat
from delivery.chat.settings import ChatSettings
from delivery.email.provider import Email
from delivery.webpush.provider import WebPush
from hub.settings import Settings
from hub.vault import Vault
from tests.browser import Browser
from tests.delivery.chat.room import Room, room
from tests.due_engine import Engine, due_engine
from tests.hub_process import Customer, running_hub

_LADDER = [{"channels": ["push"]}, {"channels": ["chat"], "after_s": 600, "if": "unread"}]
_AT_ONCE = [{"channels": ["chat"]}]
_TEN_MINUTES_LATER = (
    "update entries set due_at = now(), created_at = now() - interval '10 minutes' where due_at is not null"
)


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


@pytest.fixture
def chat_settings(here: Room) -> ChatSettings:
    services = {
        "team": f"mmost://{here.host}/{'k' * 24}?to={{target}}",
        "desk": f"json://{here.host}/desk/{{target}}",
        "all": f"gotify://{here.host}/A23456789012345",
    }
    return ChatSettings(chat_services=msgspec.json.encode(services).decode())


@pytest.fixture
async def chatting(
    pool: "asyncpg.Pool[Record]", vault: Vault, chat_settings: ChatSettings, webpush: WebPush, email: Email
) -> AsyncIterator[Engine]:
    """A worker that has chat services, too."""
    chat = Chat(chat_settings)
    async with due_engine(pool, vault, webpush, email, chat) as made:
        yield made
    await chat.aclose()


async def put(hub: Customer, user_id: str, *chats: tuple[str, str], **contacts: str) -> None:
    body = {"chats": [{"service": service, "target": target} for service, target in chats], **contacts}
    (await hub.http.put(f"/api/v1/users/{user_id}", json=body)).raise_for_status()


async def told(hub: Customer, sent: str, user_id: str = "ada") -> list[dict[str, Any]]:
    answer = await hub.http.get(f"/api/v1/notifications/{sent}/explain", params={"user_id": user_id})
    lines: list[dict[str, Any]] = answer.raise_for_status().json()["lines"]
    return lines


async def foreseen(hub: Customer) -> list[str]:
    body = {"user_id": "ada", "title": "Hello", "ladder": _AT_ONCE}
    answer = await hub.http.post("/api/v1/explain", json=body)
    return [line["what"] for line in answer.raise_for_status().json()["lines"] if line.get("channel") == "chat"]


def stopped(service: str) -> float | None:
    return REGISTRY.get_sample_value("hark_channel_stopped", {"channel": "chat", "app": service})


async def test_what_is_pushed_and_not_read_is_said_in_the_chat_ten_minutes_later(
    hub: Customer, here: Room, browser: Browser, chatting: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.register("ada", browser.subscription)
    await put(hub, "ada", ("team", "town-square"))
    sent = await hub.send("ada", "Your table is ready", ladder=_LADDER)
    await chatting.run()
    assert (len(await browser.heard()), here.posts) == (1, [])
    await pool.execute(_TEN_MINUTES_LATER)
    await chatting.run()

    [post] = here.posts
    assert (post.said["channel"], post.said["text"]) == ("town-square", "Your table is ready")
    [line] = await hub.status(sent)
    assert [(each["channel"], each["outcome"]) for each in line["attempts"]] == [
        ("webpush", "accepted"),
        ("chat", "accepted"),
    ]
    [attempt] = [each for each in await told(hub, sent) if each.get("channel") == "chat"]
    assert (attempt["step"], attempt["what"]) == (2, "attempt 1: accepted by the provider")


async def test_what_was_read_is_not_said_in_the_chat(
    hub: Customer, here: Room, chatting: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    await put(hub, "ada", ("team", "ada"))
    sent = await hub.send("ada", ladder=_LADDER)
    async with hub.online("ada", cursor="0") as page:
        await page.heard()
        await page.say("read", seqs=[1])
        await page.heard()
    await pool.execute(_TEN_MINUTES_LATER)
    await chatting.run()

    assert here.posts == []
    assert (await hub.status(sent))[0]["state"] == "read"


async def test_a_user_is_reached_at_each_of_their_chats_and_one_that_is_down_is_tried_again(
    hub: Customer, here: Room, chatting: Engine
) -> None:
    here.statuses["/desk/ada"] = 500
    await put(hub, "ada", ("team", "ada"), ("desk", "ada"), ("all", ""))
    sent = await hub.send("ada", ladder=_AT_ONCE)
    await chatting.run()

    [line] = await hub.status(sent)
    assert line["state"] == "pushed"
    assert sorted((each["outcome"], each["code"] or "") for each in line["attempts"]) == [
        ("accepted", ""),
        ("accepted", ""),
        ("unavailable", "http_500"),
    ]
    assert len({each["session_id"] for each in line["attempts"]}) == 3
    [again] = [each["what"] for each in await told(hub, sent) if "http_500" in each["what"]]
    assert "; again at " in again


async def test_an_address_that_the_service_does_not_know_ends_the_step_and_the_next_one_follows(
    hub: Customer, here: Room, chatting: Engine
) -> None:
    here.statuses["/desk/nobody"] = 404
    await put(hub, "ada", ("desk", "nobody"), ("team", "@ada"))
    sent = await hub.send("ada", ladder=_AT_ONCE)
    await chatting.run()

    [line] = await hub.status(sent)
    assert (line["state"], line["failure"]) == ("failed", "rejected")
    assert {each["what"] for each in await told(hub, sent) if each.get("channel") == "chat"} == {
        "attempt 1: rejected (http_404)",
        "attempt 1: rejected (bad_address)",
    }


async def test_bad_addresses_are_no_outage_of_their_service(hub: Customer, here: Room, chatting: Engine) -> None:
    for number in range(FAILURES + 2):
        here.statuses[f"/desk/nobody-{number}"] = 404
        await put(hub, f"user-{number}", ("desk", f"nobody-{number}"))
        await hub.send(f"user-{number}", ladder=_AT_ONCE)
        await chatting.run()
    await put(hub, "ada", ("desk", "ada"))
    sent = await hub.send("ada", ladder=_AT_ONCE)
    await chatting.run()

    assert (await hub.status(sent))[0]["state"] == "pushed"


async def test_a_service_that_is_down_is_left_alone_and_the_others_go_on(
    hub: Customer, here: Room, chatting: Engine
) -> None:
    here.statuses["/desk/ada"] = 503
    await put(hub, "ada", ("desk", "ada"))
    await put(hub, "grace", ("team", "grace"))
    for _ in range(FAILURES):
        await hub.send("ada", ladder=_AT_ONCE)
    await chatting.run()
    assert stopped("desk") == 1
    asked = len(here.posts)
    waiting, sent = await hub.send("ada", ladder=_AT_ONCE), await hub.send("grace", ladder=_AT_ONCE)
    await chatting.run()

    assert len(here.posts) == asked + 1
    assert (await hub.status(waiting))[0]["attempts"] == []
    assert (await hub.status(sent))[0]["state"] == "pushed"


async def test_a_service_that_nobody_configured_waits_for_somebody_to_do_it(hub: Customer, chatting: Engine) -> None:
    await put(hub, "ada", ("icq", "ada"))
    sent = await hub.send("ada", ladder=_AT_ONCE)
    await chatting.run()

    [line] = await hub.status(sent)
    assert [(each["outcome"], each["code"]) for each in line["attempts"]] == [("misconfigured", "unknown_service")]
    assert (await hub.status(sent))[0]["state"] == "accepted"


async def test_without_chat_services_the_channel_is_off_and_explain_says_so(hub: Customer, engine: Engine) -> None:
    await put(hub, "ada", ("team", "ada"))
    sent = await hub.send("ada", ladder=_AT_ONCE)
    await engine.run()

    assert (await hub.status(sent))[0]["failure"] == "no_channel"
    assert "on channels that have no credentials here" in str(await told(hub, sent))
    assert await foreseen(hub) == ["would not be called: no credentials for this channel"]


async def test_with_them_explain_says_whom_it_would_call(
    settings: Settings, pool: "asyncpg.Pool[Record]", chat_settings: ChatSettings
) -> None:
    async with running_hub(msgspec.structs.replace(settings, chat=chat_settings), pool) as hub:
        await put(hub, "ada", ("team", "ada"), ("all", ""))
        assert await foreseen(hub) == ["would be called", "would be called"]
