"""Whatever the hub, its demo and the simulator answer: what a browser would show as a page says by itself that it may
run nothing but its own scripts, may not be framed, and is what it says it is."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

import web_demo.app
from delivery.simulator.page import Page
from hub.app import create_app
from hub.settings import Settings
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
NEEDED = {
    **dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types"), "'none'"),
    "script-src": "'self'",
    "style-src": "'self'",
    "require-trusted-types-for": "'script'",
}
MAY_TOO = {"connect-src": {"'self'", "ws:", "wss:"}, "img-src": {"'self'", "data:"}}
SHOWN = re.compile(r"html|xml|svg|multipart|octet-stream|^$")  # by a browser, as a page
INLINE = re.compile(
    r"<style|\sstyle=|\son\w+\s*=|<script(?![^>]*\ssrc=)|javascript:|srcdoc|<(iframe|object|embed|base)\b"
)
SIMULATOR = ["/", "/screens", "/deliveries", "/shown", "/health", "/faults", "/nowhere", "/static/nowhere", "/<script>"]


def paths(routes: Sequence[BaseRoute], before: str = "") -> list[str]:
    """Of all that is there to be asked for, with something for each parameter."""
    found = []
    for route in routes:
        match route:
            case Mount():
                found += paths(route.routes, before + route.path) or [f"{before}{route.path}/nowhere"]
            case Route():
                found.append(before + re.sub(r"\{[^}]*\}", "x", route.path))
    return found


def is_guarded(answer: httpx.Response) -> None:
    kind = answer.headers.get("content-type", "")
    if answer.is_redirect or answer.status_code in {101, 204, 304} or not SHOWN.search(kind):
        return
    policy = dict(one.split(" ", 1) for one in answer.headers["content-security-policy"].split("; "))
    assert {name: policy.pop(name) for name in NEEDED} == NEEDED, answer.url
    for name, sources in policy.items():
        assert set(sources.split()) <= MAY_TOO[name], (answer.url, name)
    assert answer.headers["x-content-type-options"] == "nosniff", answer.url
    assert answer.headers["referrer-policy"] == "no-referrer", answer.url
    if "html" in kind:
        assert not INLINE.search(answer.text), answer.url


@contextlib.asynccontextmanager
async def asking(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        yield client


async def looked_at(url: str, wanted: Sequence[str]) -> int:
    """Asks for each, in several ways; gives how many were pages."""
    pages = 0
    async with asking(url) as client:
        for path in wanted:
            for method in ("GET", "POST", "DELETE"):
                headers = {"Accept": "text/html", "Content-Type": "text/html"}
                answer = await client.request(method, path, headers=headers, content="<script>" * (method == "POST"))
                is_guarded(answer)
                pages += "html" in answer.headers.get("content-type", "")
    return pages


async def test_every_answer_of_a_hub_with_its_demo(start_hub: StartHub, settings: Settings, simulator_url: str) -> None:
    async with start_hub(demo_api_key="hark_0_x", demo_simulator_url=simulator_url) as hub:
        demo = web_demo.app.create_app(hark_url=hub.url, api_key="", simulator_url=simulator_url)
        wanted = [*paths(create_app(settings).routes), *paths(demo.routes, "/demo"), "/", "/nowhere", "/<script>"]
        wanted += [f"/demo/static/{file.name}" for file in web_demo.app.STATIC.iterdir()]
        assert await looked_at(hub.url, wanted) >= 2  # with and without its name


async def test_every_answer_of_the_simulator(simulator_url: str) -> None:
    assert await looked_at(simulator_url, [*SIMULATOR, *paths(Page().routes())]) >= 1


@pytest.mark.parametrize("told", ["<script>alert(1)</script>", '{"x":"<img src=x onerror=alert(1)>"}'])
async def test_what_is_said_back_in_an_error_is_no_page(hub: Customer, simulator_url: str, told: str) -> None:
    for client in (hub.http, httpx.AsyncClient(base_url=simulator_url)):
        for path in ("/faults", "/devices", "/api/v1/notifications", "/<script>alert(1)</script>"):
            answer = await client.post(path, content=told, headers={"Content-Type": "application/json"})
            assert not SHOWN.search(answer.headers["content-type"]), path
        if client is not hub.http:
            await client.aclose()
