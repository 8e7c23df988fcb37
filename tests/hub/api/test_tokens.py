"""`/api/v1/tokens`."""

from datetime import UTC, datetime, timedelta

import jwt

from tests.device import device
from tests.hub_process import Customer


async def test_a_token_opens_a_socket_as_its_user(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/tokens", json={"user_id": "ada", "topics": ["news"]})
    claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
    assert (claims["sub"], claims["topics"]) == ("ada", ["news"])
    ends = datetime.fromisoformat(answer.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < ends <= timedelta(hours=1)
    async with device(hub.url, answer.json()["token"]) as page:
        assert (await page.heard())["user"] == "ada"


async def test_ten_thousand_tokens_in_one_call(hub: Customer) -> None:
    users = [f"customer-{number}" for number in range(10_000)]
    answer = await hub.http.post("/api/v1/tokens", json={"user_ids": users}, timeout=20)
    tokens = answer.json()["tokens"]
    assert [token["user_id"] for token in tokens] == users
    async with device(hub.url, tokens[-1]["token"]) as page:
        assert (await page.heard())["user"] == users[-1]


async def test_ten_thousand_and_one_are_refused(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/tokens", json={"user_ids": ["a"] * 10_001})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$.user_ids")


async def test_a_token_of_a_sign_in_says_so_and_each_has_an_id(hub: Customer) -> None:
    said = []
    for _ in range(2):
        answer = await hub.http.post("/api/v1/tokens", json={"user_id": "ada", "session_id": "laptop"})
        said.append(jwt.decode(answer.json()["token"], options={"verify_signature": False}))
    assert [claims["sid"] for claims in said] == ["laptop", "laptop"]
    assert said[0]["jti"] != said[1]["jti"]


async def test_several_users_do_not_share_a_sign_in(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/tokens", json={"user_ids": ["ada", "grace"], "session_id": "laptop"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$")
