"""The keys of an issuer, fetched from a real server that may be slow, wrong or away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from hub import issuer
from hub.issuer import Issuer
from hub.live.close_codes import CloseCode
from hub.settings import Settings, SettingsError
from hub.store.postgres import Pool
from sessions.issuer_keys import KeyNotKnownYet
from sessions.user_tokens import TokenInvalid, UserTokens, UserTokenSettings
from tests.device import Frame, device
from tests.hub_process import Customer, running_hub
from tests.security.test_user_tokens import CLAIMS, ISSUER, KEYS, RSA, SECRET, STRANGER, jwk_set, pem, rs256


class JwksServer:
    """Counts who asks. `answer` is all it says, head and body."""

    def __init__(self) -> None:
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.port = 0
        self.answer = self.says(KEYS)
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.drips = False  # a byte at a time, without end

    @staticmethod
    def says(body: bytes, status: str = "200 OK", head: str = "") -> bytes:
        return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.asked += 1
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await self.is_open.wait()
                self.at_once -= 1
                while self.drips:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
                writer.write(self.answer)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[JwksServer]:
    found = JwksServer()
    at_its_port = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = at_its_port.sockets[0].getsockname()[1]
    yield found
    at_its_port.close()


@pytest.fixture
async def server() -> AsyncIterator[JwksServer]:
    async with listening() as found:
        yield found


@pytest.fixture
async def elsewhere() -> AsyncIterator[JwksServer]:
    async with listening() as found:
        yield found


def settings_of(server: JwksServer, **more: Any) -> UserTokenSettings:
    url = f"http://127.0.0.1:{server.port}/jwks.json"
    return UserTokenSettings(token_secret=SECRET, token_jwks_url=url, token_jwks_http=True, token_issuer=ISSUER, **more)


class Running:
    """Tokens whose keys are fetched meanwhile."""

    def __init__(self, settings: UserTokenSettings, issuer: Issuer) -> None:
        self.issuer = issuer
        self.tokens = UserTokens(settings, issuer.keys)

    async def verdict(self, token: str) -> str:
        """Once there is one; the test's time limit is the deadline."""
        while True:
            try:
                return self.tokens.verify(token).user_id
            except TokenInvalid as error:
                return error.why
            except KeyNotKnownYet:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(
    server: JwksServer, *, pause_s: float = 0.05, refresh_s: float = 60.0, deadline_s: float = 0.2
) -> AsyncIterator[Running]:
    settings = settings_of(server)
    made = Issuer(settings, pause_s=pause_s, refresh_s=refresh_s, deadline_s=deadline_s)
    serving = asyncio.ensure_future(made.serve())
    yield Running(settings, made)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_token_is_good_as_soon_as_its_key_was_fetched(server: JwksServer) -> None:
    async with running(server) as it:
        assert await it.verdict(rs256({})) == "ada"
        assert await it.verdict(rs256({}, key=STRANGER)) == "no known key made its signature"
        assert await it.verdict(rs256({}, CLAIMS | {"iss": "https://evil.example"})) == "of another issuer"
    assert server.asked == 1


async def test_a_thousand_tokens_of_unknown_keys_are_one_fetch_at_a_time(server: JwksServer) -> None:
    server.is_open.clear()
    async with running(server, pause_s=60, deadline_s=5) as it:
        for number in range(1000):
            with pytest.raises(KeyNotKnownYet):
                it.tokens.verify(rs256({"kid": f"invented {number}"}, key=STRANGER))
            await asyncio.sleep(0)
        server.is_open.set()
        assert await it.verdict(rs256({})) == "ada"
        for number in range(1000):
            with contextlib.suppress(KeyNotKnownYet, TokenInvalid):
                it.tokens.verify(rs256({"kid": f"another {number}"}, key=STRANGER))
            await asyncio.sleep(0)
    assert (server.asked, server.most_at_once) == (1, 1)


async def test_a_new_key_is_fetched_when_its_first_token_comes(server: JwksServer) -> None:
    async with running(server) as it:
        assert await it.verdict(rs256({})) == "ada"
        server.answer = server.says(jwk_set(("new", STRANGER)))
        assert await it.verdict(rs256({"kid": "new"}, key=STRANGER)) == "ada"
        assert await it.verdict(rs256({})) == "no known key made its signature"


async def test_a_key_that_the_issuer_took_back_goes_at_the_next_refresh(server: JwksServer) -> None:
    async with running(server, refresh_s=0.01) as it:
        assert await it.verdict(rs256({})) == "ada"
        server.answer = server.says(jwk_set(("new", STRANGER)))
        while await it.verdict(rs256({})) == "ada":  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense",
        JwksServer.says(b"", "500 Oops"),
        JwksServer.says(b"", "302 Found", "location: /elsewhere\r\n"),
        JwksServer.says(b"[]"),
        JwksServer.says(b'{"keys":[]}'),
        JwksServer.says(b" " * (issuer.MOST_BYTES + 1) + KEYS),
        JwksServer.says(KEYS, head="content-encoding: gzip\r\n"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + KEYS[:50],
    ],
    ids=["hangs", "nonsense", "500", "redirect", "no set", "empty set", "too long", "packed", "stops half way"],
)
async def test_while_the_issuer_is_away_or_wrong_its_keys_are_good(server: JwksServer, answer: bytes) -> None:
    async with running(server, refresh_s=0.01) as it:
        assert await it.verdict(rs256({})) == "ada"
        server.answer = answer
        asked = server.asked
        while server.asked < asked + 3:
            assert await it.verdict(rs256({})) == "ada"
            with pytest.raises(KeyNotKnownYet):
                it.tokens.verify(rs256({"kid": "new"}, key=STRANGER))
            await asyncio.sleep(0.01)
        server.answer = server.says(jwk_set(("rsa", RSA), ("new", STRANGER)))
        assert await it.verdict(rs256({"kid": "new"}, key=STRANGER)) == "ada"


async def test_an_issuer_that_drips_is_no_issuer_for_longer_than_a_deadline(server: JwksServer) -> None:
    async with running(server, refresh_s=0.01) as it:
        server.drips = True
        while server.asked < 3:  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)
        server.drips = False
        assert await it.verdict(rs256({})) == "ada"


async def test_nobody_is_asked_but_whom_the_setting_names(
    server: JwksServer, elsewhere: JwksServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere.port}")
    async with running(server, refresh_s=0.01) as it:
        assert await it.verdict(rs256({})) == "ada"
        there = f"location: http://127.0.0.1:{elsewhere.port}/jwks.json\r\n"
        server.answer = server.says(b"", "307 Temporary Redirect", there)
        asked = server.asked
        while server.asked < asked + 3:  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.01)
    assert elsewhere.asked == 0


async def test_a_hub_lets_its_users_in_and_tells_who_comes_too_early_to_come_back(
    server: JwksServer, settings: Settings, pool: Pool
) -> None:
    async with running_hub(msgspec.structs.replace(settings, user_tokens=settings_of(server)), pool) as hub:
        while (said := await _said(hub, rs256({})))["t"] != "welcome":
            assert said["code"] == "unavailable"  # before the first fetch
        assert said["user"] == "ada"
        new = rs256({"kid": "new"}, key=STRANGER)
        assert (await _said(hub, new))["message"] == "the key of the user token is not known yet"
        async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {new}"}) as http:
            answer = await http.get("/api/v1/users/me/inbox")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert (await _said(hub, rs256({}, key=STRANGER)))["code"] == "bad_token"
        assert (await _said(hub, await hub.token("grace")))["user"] == "grace"  # our own go on


async def _said(hub: Customer, token: str) -> Frame:
    async with device(hub.url, token) as page:
        frame = await page.heard()
        if frame["t"] == "error":
            assert await page.closed() == CloseCode[frame["code"].upper()]
        return frame


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"token_jwks_url": "http://login.example/jwks"}, "expected https"),
        ({"token_jwks_url": "http://127.0.0.1.evil.example/jwks", "token_jwks_http": True}, "expected https"),
        ({"token_jwks_url": "http://127.0.0.1@evil.example/jwks", "token_jwks_http": True}, "expected https"),
        ({"token_jwks_url": "http://127.0.0.1/jwks"}, "expected https"),
        ({"token_jwks_url": "file:///etc/passwd"}, "expected https"),
        ({"token_jwks_url": "https://me:secret@login.example/jwks"}, "no user"),
        ({"token_jwks_url": "https://login.example/jwks", "token_keys": pem(RSA)}, "no HARK_TOKEN_KEYS"),
        ({"token_jwks_url": "https://login.example/jwks", "token_issuer": ""}, "HARK_TOKEN_ISSUER is missing"),
        ({"token_keys": "/nowhere"}, "HARK_TOKEN_KEYS: neither the text nor the path"),
        ({"token_keys": "{}"}, "HARK_TOKEN_KEYS: expected a JWK set"),
    ],
)
async def test_settings_that_lead_nowhere_are_refused_at_the_start(changes: dict[str, Any], why: str) -> None:
    settings = UserTokenSettings(token_secret=SECRET, token_issuer=ISSUER)
    with pytest.raises(SettingsError, match=why):
        Issuer(msgspec.structs.replace(settings, **changes))
