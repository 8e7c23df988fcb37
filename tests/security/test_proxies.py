"""What a client says about itself in headers changes nothing that is decided by address, path or origin."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hub import settings
from hub.settings import SettingsError
from tests.hub_process import Customer
from tests.security.raw import handshake, head, raw

Start = Callable[..., AbstractAsyncContextManager[Customer]]


async def refused(hub: Customer, *said: str) -> list[int]:
    """What sockets are answered, in order, one for each X-Forwarded-For, all open at once."""
    answers = []
    open_ones = [raw(hub) for _ in said]
    for context, forwarded in zip(open_ones, said, strict=True):
        client = await context.__aenter__()
        client.say(handshake(X_Forwarded_For=forwarded))
        answers.append(await client.status())
    for context in open_ones:
        await context.__aexit__(None, None, None)
    return answers


async def test_who_is_no_proxy_has_the_address_it_calls_from(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=2, trusted_proxies=("203.0.113.1",)) as hub:
        assert await refused(hub, "198.51.100.1", "198.51.100.2", "198.51.100.3") == [101, 101, 503]
    async with start_hub(unproven_per_address=2, trusted_proxies=()) as hub:
        assert await refused(hub, "198.51.100.1", "198.51.100.2", "198.51.100.3") == [101, 101, 503]


async def test_a_proxys_last_word_counts_and_not_what_was_said_to_it(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=2) as hub:
        same = [f"{spoofed}, 198.51.100.7" for spoofed in ("127.0.0.1", "198.51.100.8", "x" * 500)]
        assert await refused(hub, *same) == [101, 101, 503]
        assert await refused(hub, "198.51.100.1", "198.51.100.2", "198.51.100.3, 127.0.0.1") == [101, 101, 101]


@pytest.mark.parametrize("text", ["proxy.internal", "10.0.0.1/8", "*"])
def test_a_proxy_is_an_address_or_a_network(text: str) -> None:
    env = {"HARK_DATABASE_URL": "postgres:///x", "HARK_REDIS_URL": "redis://x", "HARK_TOKEN_SECRET": "x" * 32}
    with pytest.raises(SettingsError, match="HARK_TRUSTED_PROXIES"):
        settings.load(env | {"HARK_TRUSTED_PROXIES": text})
    assert settings.load(env | {"HARK_TRUSTED_PROXIES": ""}).hub.trusted_proxies == ()


HOSTS = [
    "",
    "hark/health?",
    "hark/health#",
    "hark\\health",
    "hark@x",
    "[::1",
    "a" * 3000,
    "hark:99999",
    "x y",
    "%2e",
    "é",
]


@pytest.mark.parametrize("host", HOSTS)
async def test_no_host_opens_a_door(hub: Customer, host: str) -> None:
    async with raw(hub) as client:
        client.say(head("GET /api/v1/topics HTTP/1.1", {"Host": host}))
        assert await client.status() in {400, 401}
    async with raw(hub) as client:
        authorization = hub.http.headers["Authorization"]
        client.say(head("GET /api/v1/topics HTTP/1.1", {"Host": host, "Authorization": authorization}))
        assert await client.status() in {200, 400}
    async with raw(hub) as client:
        client.say(handshake(Host=host, Origin="https://evil.example"))
        assert await client.status() in {400, 403}


@pytest.mark.parametrize("host", ["hark/x?y", "other"])
async def test_a_request_is_the_same_whatever_its_host(hub: Customer, host: str) -> None:
    body = {"user_id": "ada", "title": "x"}
    answers = [
        await hub.http.post("/api/v1/notifications", json=body, headers={"Idempotency-Key": "one", "Host": said})
        for said in ("hark", host)
    ]
    assert answers[0].json()["notification_id"] == answers[1].json()["notification_id"]
