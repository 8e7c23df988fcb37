"""What a client says about itself in headers changes nothing that is decided by address, path or origin."""

import os
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hub import settings
from hub.settings import SettingsError
from tests.hub_process import Customer
from tests.security.raw import handshake, head, raw

Start = Callable[..., AbstractAsyncContextManager[Customer]]
RANDOM_HOSTS = int(os.environ.get("HARK_TEST_HOSTS", "60"))


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


async def test_an_address_is_one_whatever_its_port_and_an_ipv6_network_is_one(start_hub: Start) -> None:
    for same in (
        ("198.51.100.7:1", "198.51.100.7:2", "198.51.100.7"),
        ("2001:db8:1:2::1", "[2001:db8:1:2:ffff::2]:4711", "2001:DB8:1:2:0:0:0:3"),
        ("::ffff:198.51.100.7", "198.51.100.7", "::ffff:c633:6407"),
    ):
        async with start_hub(unproven_per_address=2) as hub:
            assert await refused(hub, *same) == [101, 101, 503]
            assert await refused(hub, "2001:db8:1:3::1", "198.51.100.8") == [101, 101]


async def test_a_proxy_is_known_by_its_ipv4_address_where_the_hub_listens_on_both_families(start_hub: Start) -> None:
    async with start_hub(host="::", unproven_per_address=1) as hub:
        assert await refused(hub, "198.51.100.1", "198.51.100.1", "198.51.100.2, ::ffff:127.0.0.1") == [101, 503, 101]
        unnamed = ["127.0.0.1", "127.0.0.1"]  # the proxy itself, which serves nobody
        assert await refused(hub, *unnamed) == [101, 101]


async def test_whatever_a_proxy_says_is_an_address_to_count_for(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=1) as hub:
        for same in (["unknown"] * 2, ["x" * 3000] * 2, ["fe80::1%eth0", "fe80::2%eth1"]):
            assert await refused(hub, *same) == [101, 503]


async def test_of_several_lines_the_last_word_counts_too(start_hub: Start) -> None:
    async with start_hub(unproven_per_address=1) as hub, raw(hub) as first, raw(hub) as second:
        for client, spoofed in ((first, "198.51.100.1"), (second, "198.51.100.2")):
            lines = f"X-Forwarded-For: {spoofed}\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n"
            client.say(handshake().removesuffix("\r\n") + lines)
        assert [await first.status(), await second.status()] == [101, 503]


async def test_who_tries_keys_is_one_address_whatever_it_says(start_hub: Start) -> None:
    said = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")
    async with start_hub(address_rate=0.01, trusted_proxies=("203.0.113.1",)) as hub:
        assert await _tries(hub, *({name: f"198.51.100.{n}"} for n, name in enumerate(said))) == [401] + [429] * 5
    async with start_hub(address_rate=0.01) as hub:  # and behind a proxy, what that says last
        spoofs = [{"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.{9}"} for n in range(4)]
        assert await _tries(hub, *spoofs) == [401] + [429] * 3
        others = [{"X-Forwarded-For": f"2001:db8:{n}::1"} for n in range(3)]
        assert await _tries(hub, *others) == [401] * 3


async def _tries(hub: Customer, *headers: dict[str, str]) -> list[int]:
    """What each of these gets with a key that is none."""
    wrong = [{"Authorization": f"Bearer hark_{n}_wrong", **each} for n, each in enumerate(headers)]
    return [(await hub.http.get("/api/v1/topics", headers=each)).status_code for each in wrong]


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


async def test_no_host_opens_a_door(hub: Customer) -> None:
    chance = random.Random(5)
    odd = "/\\?#@:[]%.;,=&!~*'\"<>{}| \tahrk0\x7f\xff"
    hosts = HOSTS + ["".join(chance.choices(odd, k=chance.randint(1, 40))) for _ in range(RANDOM_HOSTS)]
    key = {"Authorization": hub.http.headers["Authorization"]}
    for host in hosts:
        assert await _answered(hub, "GET /api/v1/topics HTTP/1.1", {"Host": host}) in {400, 401}, host
        assert await _answered(hub, "GET /api/v1/topics HTTP/1.1", {"Host": host, **key}) in {200, 400}, host
        async with raw(hub) as client:
            client.say(handshake(Host=host, Origin="https://evil.example"))
            assert await client.status() in {400, 403}, host


async def test_nothing_but_the_path_says_which_call_it_is(hub: Customer) -> None:
    elsewhere = dict.fromkeys(
        ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Forwarded-Uri"), "/health"
    )
    claims = {"Host": "hark", "X-Forwarded-Host": "hark/health?", "X-HTTP-Method-Override": "OPTIONS", **elsewhere}
    for target in ("/api/v1/topics", "http://hark/api/v1/topics", "http://hark/health?/../api/v1/topics"):
        wanted = 200 if "health?" in target else 401
        assert await _answered(hub, f"GET {target} HTTP/1.1", claims) == wanted
    for target in ("//hark/health/api/v1/topics", "/health;/../api/v1/topics", "/health/..;/api/v1/topics", "*"):
        assert await _answered(hub, f"GET {target} HTTP/1.1", {"Host": "hark"}) in {400, 404}


async def _answered(hub: Customer, request_line: str, headers: dict[str, str]) -> int:
    async with raw(hub) as client:
        client.say(head(request_line, headers).encode("latin-1"))
        return await client.status()


@pytest.mark.parametrize("host", ["hark/x?y", "other"])
async def test_a_request_is_the_same_whatever_its_host(hub: Customer, host: str) -> None:
    body = {"user_id": "ada", "title": "x"}
    answers = [
        await hub.http.post("/api/v1/notifications", json=body, headers={"Idempotency-Key": "one", "Host": said})
        for said in ("hark", host)
    ]
    assert answers[0].json()["notification_id"] == answers[1].json()["notification_id"]
