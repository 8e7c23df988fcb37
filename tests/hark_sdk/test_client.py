"""Both clients against a running hub."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hark_sdk import Chat, Hark, Invalid, NotFound, Notification, RateLimited, Retries, Step, TooLarge, Unauthorized
from hark_sdk.errors import NoAnswer, UnexpectedAnswer
from tests.due_engine import Engine
from tests.hark_sdk.asking import Ask, Asking
from tests.hub_process import Customer

NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"


async def test_a_notification_is_sent_and_followed_and_taken_back(hub: Customer, ask: Ask) -> None:
    async with hub.online("ada") as page:
        accepted = await ask("send", "ada", "Order shipped", message="Soon.", data={"order": 42}, priority="high")
        heard = await page.heard()
        assert (heard["id"], heard["data"], heard["priority"]) == (accepted.notification_id, {"order": 42}, "high")
        [line] = (await ask("status", accepted.notification_id)).users
        assert (line.user_id, line.state, line.delivered_at) == ("ada", "accepted", None)
        stored = await ask("notification", accepted.notification_id)
        assert (stored.title, stored.data, stored.counts.accepted) == ("Order shipped", {"order": 42}, 1)
        explained = await ask("explain", accepted.notification_id, "ada")
        assert explained.lines[0].what == "accepted and stored as entry 1 of the user's inbox"
        assert (await ask("cancel", accepted.notification_id)).withdrawn == 1
        assert (await page.heard())["state"] == "withdrawn"


async def test_a_sender_may_wait_until_a_device_has_it(hub: Customer, ask: Ask) -> None:
    async with hub.online("ada") as page:
        sending = asyncio.ensure_future(ask("send", "ada", "Hello", wait_s=10))
        await page.heard()
        await page.say("ack", seq=1)
        assert [(line.user_id, line.state) for line in (await sending).users] == [("ada", "delivered")]


async def test_many_users_a_topic_and_a_batch(ask: Ask) -> None:
    assert (await ask("send_to_users", ["ada", "grace"], "Hello")).accepted == 2
    assert (await ask("create_topic", "news é?")).members == 0
    assert (await ask("change_topic_members", "news é?", add=["ada", "grace", "linus"])).added == 3
    assert (await ask("send_to_topic", "news é?", "Extra", exclude=["linus"])).accepted == 2
    assert (await ask("topic", "news é?")).members == 3
    assert [one.user_id for one in (await ask("topic_members", "news é?", after="ada")).members] == ["grace", "linus"]
    assert [one.topic for one in (await ask("topics")).topics] == ["news é?"]
    assert (await ask("publish_live", "news é?", {"typing": "ada"})).nodes == 0
    assert await ask("delete_topic", "news é?") is None
    batch = await ask(
        "send_batch",
        [Notification(title="One", user_id="ada", ladder=[]), Notification(title="", user_id="ada")],
    )
    assert (batch.accepted, batch.failed, batch.notifications[0].error) == (1, 1, None)
    assert batch.notifications[1].error.field == "$.notifications[1].title"
    assert [entry.title for entry in (await ask("inbox", "ada", limit=2)).entries] == ["One", "Extra"]


async def test_devices_users_and_tokens(hub: Customer, ask: Ask) -> None:
    session = await ask("register_session", "ada", "android", "a-token", app="shop", locale="de")
    assert [one.session_id for one in (await ask("sessions", "ada")).sessions] == [session.session_id]
    ladder = [Step(channels=["push"], after_s=5), Step(channels=["email"], after_s=60, condition="unread")]
    assert "would be called" in str((await ask("foresee", "ada", "Hello", ladder=ladder)).lines)
    assert await ask("unregister_session", "ada", session.session_id) is None
    assert (await ask("unregister_sessions", "ada")).deleted == 0
    assert (await ask("put_user", "ada", email="ada@example.org")).phone is None
    assert (await ask("user", "ada")).email == "ada@example.org"
    chats = [Chat("telegram", "987654321"), Chat("team")]
    assert (await ask("put_user", "ada", chats=chats)).chats == chats
    token = await ask("user_token", "ada", topics=["news"])
    mine = await hub.http.get("/api/v1/users/me/inbox", headers={"Authorization": f"Bearer {token.token}"})
    assert mine.status_code == 200
    left = (await ask("revoke_tokens", user_id="ada")).forgotten_at - datetime.now(UTC)
    assert left > timedelta(days=31)
    while mine.status_code == 200:  # until this node has read it, a moment later
        mine = await hub.http.get("/api/v1/users/me/inbox", headers={"Authorization": f"Bearer {token.token}"})
    assert (mine.status_code, mine.json()["detail"]) == (401, "the user token was revoked")
    [revoked] = (await ask("revocations")).revocations
    assert (revoked.kind, revoked.subject) == ("user", "ada")
    assert await ask("undo_revocation", revoked.id) is None
    assert (await ask("revocations", limit=1)).next is None
    assert [one.user_id for one in (await ask("user_tokens", ["ada", "grace"])).tokens] == ["ada", "grace"]


async def test_what_nobody_took_is_replayed(ask: Ask, engine: Engine) -> None:
    await ask("register_session", "ada", "ios", "not-a-token-of-apns")
    accepted = await ask("send", "ada", "Hello", priority="critical")
    await engine.run()
    [dead] = (await ask("dead_letters")).dead_letters
    assert (dead.notification_id, dead.user_id) == (accepted.notification_id, "ada")
    assert (await ask("replay", user_id="grace")).replayed == 0
    assert (await ask("replay", notification_id=accepted.notification_id)).replayed == 1
    assert (await ask("replay_all")).replayed == 0


async def test_a_refusal_says_which_field(ask: Ask) -> None:
    with pytest.raises(Invalid) as invalid:
        await ask("send", "ada", "")
    assert (invalid.value.field, invalid.value.status) == ("$.title", 422)
    assert "length >= 1" in invalid.value.detail
    with pytest.raises(NotFound, match="404 Not Found: no such notification"):
        await ask("status", NOBODY)
    with pytest.raises(TooLarge):
        await ask("send", "ada", "x", message="x" * 70_000)


async def test_a_bad_key_is_told_apart(hub: Customer, asking: Asking) -> None:
    async with asking(hub.url, "hark_0_x") as ask:
        with pytest.raises(Unauthorized, match="unknown, revoked or expired API key"):
            await ask("topics")


async def test_what_is_no_hub_is_told_apart(hub: Customer, asking: Asking, key: str) -> None:
    with pytest.raises(ValueError, match="expected the URL of a hub"):
        Hark("127.0.0.1:8080", "key")
    async with asking("http://127.0.0.1:1", key, Retries(tries=1)) as ask:
        with pytest.raises(NoAnswer) as lost:
            await ask("topics")
        assert lost.value.unsent
    async with asking(f"{hub.url}/sdk/hark.js?", key) as ask:
        with pytest.raises(UnexpectedAnswer):
            await ask("topics")


async def test_a_limit_that_lasts_is_not_waited_for(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], asking: Asking
) -> None:
    async with start_hub(user_rate=0.001, user_burst=1) as hub:
        key = hub.http.headers["Authorization"].removeprefix("Bearer ")
        async with asking(hub.url, key) as ask:
            await ask("send", "ada", "one")
            with pytest.raises(RateLimited) as limited:
                await ask("send", "ada", "two")
            assert (limited.value.retry_after_s or 0) > 30


async def test_an_id_may_have_any_character(ask: Ask) -> None:
    for odd in ("a/b", "a%2Fb", "/", "a?b#c", "a b+c", "ünï/çødé", "ada/inbox"):
        await ask("send", odd, "Hello")
        assert ((await ask("inbox", odd)).user_id, (await ask("inbox", odd)).head) == (odd, 1)
        session = await ask("register_session", odd, "android", f"token of {odd}")
        assert (await ask("unregister_session", odd, session.session_id)) is None
        assert (await ask("create_topic", odd)).topic == odd
        assert (await ask("change_topic_members", odd, add=["ada"])).added == 1
        assert await ask("delete_topic", odd) is None


async def test_an_empty_id_does_not_name_all_of_them(ask: Ask) -> None:
    await ask("register_session", "ada", "android", "a-token")
    for no_id in ("", ".", ".."):
        with pytest.raises(ValueError, match="expected an id"):
            await ask("unregister_session", "ada", no_id)
    assert len((await ask("sessions", "ada")).sessions) == 1


def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    asked: list[httpx.URL] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})

    http = httpx.Client(transport=httpx.MockTransport(elsewhere), follow_redirects=True)
    with Hark("https://hub.example", "key", http=http) as hark, pytest.raises(UnexpectedAnswer, match="307"):
        hark.unregister_sessions("ada")
    assert asked == [httpx.URL("https://hub.example/api/v1/sessions/ada")]
