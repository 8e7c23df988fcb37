"""`/api/v1/sessions`."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.browser import Browser
from tests.hub_process import Customer


async def register(hub: Customer, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await hub.http.post("/api/v1/sessions", json=body)
    return answer.status_code, answer.json()


async def sessions_of(hub: Customer, user_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hub.http.get(f"/api/v1/sessions/{user_id}")).json()["sessions"]
    return found


@pytest.mark.parametrize("platform", ["ios", "android"])
async def test_a_device_is_registered_and_listed_without_its_token(hub: Customer, platform: str) -> None:
    status, made = await register(
        hub, user_id="ada", device_token="secret-token", platform=platform, app="shop", locale="de-AT"
    )
    assert status == 201
    [listed] = await sessions_of(hub, "ada")
    assert listed == made
    assert (listed["platform"], listed["app"], listed["locale"], listed["state"]) == (
        platform,
        "shop",
        "de-AT",
        "active",
    )
    assert "secret-token" not in str(listed)


async def test_a_browsers_subscription_may_come_as_an_object_or_as_text(hub: Customer, browser: Browser) -> None:
    as_object = msgspec.json.decode(browser.subscription)
    first = await register(hub, user_id="ada", platform="web", device_token=as_object)
    second = await register(hub, user_id="ada", platform="web", device_token=browser.subscription)
    assert (first[0], second[0]) == (201, 200)
    assert first[1]["session_id"] == second[1]["session_id"]


async def test_registering_again_refreshes(hub: Customer) -> None:
    _, first = await register(hub, user_id="ada", device_token="t", platform="ios", locale="en")
    status, second = await register(hub, user_id="ada", device_token="t", platform="ios", locale="fr")
    assert (status, second["session_id"], second["locale"]) == (200, first["session_id"], "fr")
    assert second["registered_at"] > first["registered_at"]
    assert len(await sessions_of(hub, "ada")) == 1


async def test_a_token_moves_to_the_user_who_registered_it_last(hub: Customer) -> None:
    _, hers = await register(hub, user_id="ada", device_token="t", platform="ios")
    status, his = await register(hub, user_id="linus", device_token="t", platform="ios")
    assert status == 201
    assert his["session_id"] != hers["session_id"]
    assert await sessions_of(hub, "ada") == []
    assert [session["session_id"] for session in await sessions_of(hub, "linus")] == [his["session_id"]]


async def test_one_session_is_deleted(hub: Customer) -> None:
    _, phone = await register(hub, user_id="ada", device_token="1", platform="ios")
    _, tablet = await register(hub, user_id="ada", device_token="2", platform="android")
    assert (await hub.http.delete(f"/api/v1/sessions/ada/{phone['session_id']}")).status_code == 204
    assert (await hub.http.delete(f"/api/v1/sessions/ada/{phone['session_id']}")).status_code == 404
    assert (await hub.http.delete(f"/api/v1/sessions/linus/{tablet['session_id']}")).status_code == 404
    assert [session["session_id"] for session in await sessions_of(hub, "ada")] == [tablet["session_id"]]


async def test_all_sessions_of_a_user_are_deleted(hub: Customer) -> None:
    await asyncio.gather(*(register(hub, user_id="ada", device_token=str(n), platform="ios") for n in range(3)))
    await register(hub, user_id="linus", device_token="his", platform="ios")
    assert (await hub.http.delete("/api/v1/sessions/ada")).json() == {"deleted": 3}
    assert await sessions_of(hub, "ada") == []
    assert len(await sessions_of(hub, "linus")) == 1


GOOD = {"p256dh": "BExhyVYT7_x_aGamHBSOR0gnQJjYlpRTyzF4ZlhRSfEq1__-JCyRnAJMDQstnJ7e2UrP4-sFNZex9u3XB7E6bd0"}
GOOD |= {"auth": "prBklwh-RCPahwKyvsR3aA"}
PUSH = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.mark.parametrize(
    ("token", "path"),
    [
        ("not json", "$.device_token"),
        ({"endpoint": PUSH}, "$.device_token"),
        ({"endpoint": "http://updates.push.services.mozilla.com/x", "keys": GOOD}, "$.device_token.endpoint"),
        ({"endpoint": "https://169.254.169.254/latest", "keys": GOOD}, "$.device_token.endpoint"),
        ({"endpoint": "https://user@fcm.googleapis.com/x", "keys": GOOD}, "$.device_token.endpoint"),
        ({"endpoint": PUSH, "keys": GOOD | {"p256dh": "AAAA"}}, "$.device_token.keys.p256dh"),
        ({"endpoint": PUSH, "keys": GOOD | {"p256dh": "!"}}, "$.device_token.keys.p256dh"),
        ({"endpoint": PUSH, "keys": GOOD | {"p256dh": "B" + "A" * 86}}, "$.device_token.keys.p256dh"),
        ({"endpoint": PUSH, "keys": GOOD | {"auth": "AAAA"}}, "$.device_token.keys.auth"),
    ],
)
async def test_a_subscription_nobody_could_push_to_is_refused_by_its_field(
    hub: Customer, token: object, path: str
) -> None:
    status, problem = await register(hub, user_id="ada", platform="web", device_token=token)
    assert status == 422
    assert problem["errors"][0]["path"] == path
    assert await sessions_of(hub, "ada") == []


async def test_a_subscription_is_no_token_of_a_phone(hub: Customer) -> None:
    status, problem = await register(hub, user_id="ada", platform="ios", device_token={"endpoint": PUSH, "keys": GOOD})
    assert (status, problem["errors"][0]["path"]) == (422, "$.device_token")


async def test_a_device_may_have_a_token_of_another_provider_than_its_platforms_own(hub: Customer) -> None:
    _, session = await register(hub, user_id="ada", platform="ios", device_token="token", provider="fcm")
    assert session["provider"] == "fcm"
    status, problem = await register(hub, user_id="ada", platform="android", device_token="token", provider="apns")
    assert (status, problem["errors"][0]["path"]) == (422, "$.provider")
