"""Pages of other sites (cross-site WebSocket hijacking, CWE-1385): an origin is known to the letter, or refused before
anything else happens, by every road; and nothing that a browser sends by itself proves a user."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from hub.api import origins
from tests.hub_process import Customer
from tests.security.raw import handshake, head, raw

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
APP = "https://app.example"
PORT = "https://app.example:8443"
IPV6 = "https://[2001:db8::1]:8443"
LOCAL = "http://localhost:3000"
KNOWN = (APP, PORT, IPV6, LOCAL)
OWN = "http://hark"  # of the host that the handshake names

STRANGE = [
    # It ends as a known one, begins as one, has one in it, or is above or below it.
    *(
        "https://evil-app.example",
        "https://evilapp.example",
        "https://app.example.evil.example",
        "https://xapp.example",
    ),
    *("https://app.example.evil", "https://app.examples", "https://app.exampl", "https://evil.example/app.example"),
    *("https://evil.example/https://app.example", "https://evil.example?https://app.example", "https://example"),
    *("https://evil.example#https://app.example", "https://www.app.example", "https://a.app.example"),
    # Another scheme, or none.
    *("http://app.example", "wss://app.example", "ws://app.example", "file://app.example", "ftp://app.example"),
    *(
        "app.example",
        "//app.example",
        "https:app.example",
        "https:/app.example",
        "https//app.example",
        "://app.example",
    ),
    # Another port.
    *("https://app.example:443", "https://app.example:8080", "https://app.example:", "https://app.example:08443"),
    *("http://localhost", "http://localhost:30000", "http://localhost:3001", "http://127.0.0.1:3000"),
    # Another spelling: browsers send one.
    *("https://APP.example", "HTTPS://app.example", "https://app.example.", "https://app.example/", f"{APP}/x"),
    *("https://app%2eexample", "https://app.example%00.evil.example", "https://app.example\\.evil.example"),
    *("https://äpp.example", "https://app。example", "https://xn--pp-xka.example"),
    # Userinfo.
    *("https://app.example@evil.example", "https://evil.example@app.example", "https://user:password@app.example"),
    # IPv6.
    *("https://[2001:db8::1]", "https://[2001:db8::2]:8443", "https://2001:db8::1:8443", "https://[2001:DB8::1]:8443"),
    *("https://[2001:db8:0:0:0:0:0:1]:8443", "https://[2001:db8::1%25eth0]:8443", "http://[::1]:3000"),
    # Nowhere, several in one, patterns.
    *("null", "NULL", "undefined", "*", "https://*", "about:blank", "data:text/html,x", "chrome-extension://abcdefgh"),
    *(f"{APP} https://evil.example", f"{APP}, https://evil.example", f"https://evil.example {APP}", f"{APP},{APP}"),
    # The hub's own, nearly.
    *(
        "https://hark",
        "http://hark:80",
        "http://hark.",
        "http://HARK",
        "http://hark.evil.example",
        "http://hark/ws",
        "",
    ),
]


@pytest.fixture
async def hub(start_hub: StartHub) -> AsyncIterator[Customer]:
    async with start_hub(allowed_origins=(*KNOWN, "null")) as hub:
        yield hub


async def opening(hub: Customer, *origins: str) -> int:
    """What a socket's handshake with these headers `Origin` is answered."""
    lines = "".join(f"Origin: {origin}\r\n" for origin in origins)
    async with raw(hub) as client:
        client.say(handshake().removesuffix("\r\n") + lines + "\r\n")
        return await client.status()


async def asking(hub: Customer, path: str, *origins: str, token: str) -> int:
    """What a request with a good token is answered."""
    lines = "".join(f"Origin: {origin}\r\n" for origin in origins)
    asked = head(f"GET {path} HTTP/1.1", {"Host": "hark", "Authorization": f"Bearer {token}"})
    async with raw(hub) as client:
        client.say(asked.removesuffix("\r\n") + lines + "\r\n")
        return await client.status()


async def test_an_origin_that_is_not_known_to_the_letter_is_refused_by_every_road(hub: Customer) -> None:
    assert len(set(STRANGE)) == len(STRANGE) > 40
    token = await hub.token("ada")
    said = {
        origin: [await opening(hub, origin)]
        + [await asking(hub, path, origin, token=token) for path in ("/sse", "/api/v1/users/me/inbox")]
        for origin in STRANGE
    }
    assert {origin: answers for origin, answers in said.items() if answers != [403] * 3} == {}


async def test_known_ones_and_the_hubs_own_are_let_in(hub: Customer) -> None:
    token = await hub.token("ada")
    for origin in (*KNOWN, OWN):
        assert await opening(hub, origin) == 101
        for path in ("/sse", "/api/v1/users/me/inbox"):
            assert await asking(hub, path, origin, token=token) == 200


@pytest.mark.parametrize("origins", [(APP, "https://evil.example"), ("https://evil.example", APP), (APP, APP)])
async def test_a_page_has_one_origin(hub: Customer, origins: tuple[str, ...]) -> None:
    assert await opening(hub, *origins) in {400, 403}
    token = await hub.token("ada")
    for path in ("/sse", "/api/v1/users/me/inbox"):
        assert await asking(hub, path, *origins, token=token) == 403


async def test_a_cookie_is_nobody(hub: Customer) -> None:
    token = await hub.token("ada")
    async with httpx.AsyncClient(base_url=hub.url) as browser:
        for cookie in (f"token={token}", f"Authorization=Bearer {token}", f"access_token={token}"):
            for path in ("/sse", "/api/v1/users/me/inbox"):
                assert (await browser.get(path, headers={"Cookie": cookie})).status_code == 401


async def test_the_log_names_a_strange_origin_once(start_hub: StartHub, caplog: pytest.LogCaptureFixture) -> None:
    async with start_hub() as hub:
        for origin in ("https://a.example", "https://b.example", "https://a.example", "https://" + "x" * 500):
            assert await opening(hub, origin) == 403
    assert _told(caplog) == ["https://a.example", "https://b.example", "https://" + "x" * (origins.LONGEST_TOLD - 8)]


async def test_nobody_fills_the_log_with_origins(start_hub: StartHub, caplog: pytest.LogCaptureFixture) -> None:
    async with start_hub() as hub:
        for number in range(origins.TOLD + 5):
            assert await opening(hub, f"https://{number}.example") == 403
    assert len(_told(caplog)) == origins.TOLD


def _told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The origins that the log names."""
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line["origin"] for line in said if line["event"] == "origin.refused"]
