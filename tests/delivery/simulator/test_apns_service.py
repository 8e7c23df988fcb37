"""The simulated APNs over HTTP/2, where it is stricter than our provider needs."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator

import jwt
import msgspec
import pytest

from delivery.answer import Answer
from delivery.road import Road
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID
from tests.simulator import Simulator

PUSH = {"apns-topic": "com.example.shop", "apns-push-type": "alert"}
BODY = b'{"aps":{}}'


class Client:
    """One connection to it."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._road = Road(http2_only=True, extra_ca=simulator.papers.apns_ca.read_bytes())
        self.aclose = self._road.aclose

    async def push(self, token: str | None, *, body: bytes = BODY, path: str = "/3/device/" + "ab" * 32) -> str:
        """The reason, or nothing when it is accepted."""
        said = PUSH if token is None else PUSH | {"authorization": f"bearer {token}"}
        answer = await self._road.post(self._simulator.apns_url + path, headers=said, body=body)
        assert isinstance(answer, Answer)
        assert (answer.status == 200) == (answer.body == b"")
        return msgspec.json.decode(answer.body, type=dict[str, str])["reason"] if answer.body else ""

    def token(self, *, age_s: float = 0) -> str:
        claims = {"iss": APNS_TEAM_ID, "iat": int(time.time() - age_s)}
        key = self._simulator.papers.apns_key.read_text()
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": APNS_KEY_ID})


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    client = Client(simulator)
    yield client
    await client.aclose()


async def test_a_push_needs_a_token_that_is_good_and_young(client: Client) -> None:
    assert await client.push(client.token()) == ""
    assert await client.push(None) == "MissingProviderToken"
    assert await client.push("nonsense") == "InvalidProviderToken"
    assert await client.push(client.token(age_s=3700)) == "ExpiredProviderToken"


async def test_a_connection_may_not_bring_a_token_of_its_own_for_every_push(client: Client) -> None:
    reasons = [await client.push(client.token(age_s=age_s)) for age_s in (1800, 1200, 60, 0)]

    assert reasons == ["", "TooManyProviderTokenUpdates", "", "TooManyProviderTokenUpdates"]


async def test_a_body_of_megabytes_is_refused(client: Client) -> None:
    assert await client.push(client.token(), body=b"x" * 2_000_000) == "PayloadTooLarge"


async def test_a_path_of_something_else_is_refused(client: Client) -> None:
    assert await client.push(client.token(), path="/favicon.ico") == "BadPath"


async def test_whoever_speaks_no_http2_is_hung_up_on_and_nobody_else(simulator: Simulator, client: Client) -> None:
    trusting = ssl.create_default_context(cafile=simulator.papers.apns_ca)
    host, _, port = simulator.apns_url.removeprefix("https://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=trusting)
    writer.write(b"GET / HTTP/1.1\r\n\r\n" * 10)
    await reader.read()
    writer.close()

    assert await client.push(client.token()) == ""
