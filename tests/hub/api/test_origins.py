"""Whose pages may speak for a user over HTTP: preflights, answers, refusals. (The socket: test_socket.py.)"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from tests.hub_process import Customer
from tests.listener import Listener

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
APP = "https://app.example"
CALLS = [("GET", "/sse"), ("GET", "/api/v1/users/me/inbox"), ("POST", "/api/v1/users/me/receipts")]


@pytest.fixture
async def hub(start_hub: StartHub) -> AsyncIterator[Customer]:
    async with start_hub(allowed_origins=(APP,)) as hub:
        yield hub


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_preflight_says_what_a_known_page_may_send(hub: Customer, method: str, path: str) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
    answer = await hub.http.options(path, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, APP)
    assert answer.headers["access-control-allow-methods"] == method
    assert {"authorization", "content-type", "last-event-id"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_known_page_may_read_refusals_too(hub: Customer, method: str, path: str) -> None:
    answer = await hub.http.request(method, path, headers={"Origin": APP, "Authorization": "Bearer x"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, APP)
    assert "Origin" in answer.headers["vary"]


async def test_a_known_page_may_read_a_stream(hub: Customer) -> None:
    headers = {"Origin": APP, "Authorization": f"Bearer {await hub.token('ada')}"}
    async with hub.http.stream("GET", "/sse", headers=headers) as answer:
        assert answer.headers["access-control-allow-origin"] == APP
        assert (await Listener(answer).heard())["t"] == "welcome"


@pytest.mark.parametrize("origin", ["https://app.example.evil.example", "http://app.example", "null"])
@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_other_pages_may_nothing_whatever_token_they_have(
    hub: Customer, method: str, path: str, origin: str
) -> None:
    token = await hub.token("ada")
    for asked in (method, "OPTIONS"):
        answer = await hub.http.request(asked, path, headers={"Origin": origin, "Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        assert "access-control-allow-origin" not in answer.headers


async def test_the_hubs_own_pages_and_who_is_no_page_need_no_leave(hub: Customer) -> None:
    token = await hub.token("ada")
    for headers in ({"Origin": hub.url}, {}):
        answer: httpx.Response = await hub.http.get(
            "/api/v1/users/me/inbox", headers={**headers, "Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200
