"""A customer's page with a bell on it, on an origin of its own, and the back end that gives it tokens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from hub.serve import bind
from tests.hub_process import Customer

PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<meta charset="utf-8" /><meta name="color-scheme" content="light dark" />
<title>A shop</title>
<link rel="icon" href="data:," />
<script type="module" src="{hub}/sdk/bell.js"></script>
<body>
<header>
<h1>{heading}</h1><hark-bell user="ada" token-url="/token"></hark-bell>
</header>
<a href="#elsewhere">Elsewhere</a>
</body></html>"""
# As a customer's own worker takes the hub's in; it says when a push is worked off.
WORKER = """self.HARK = {{ icon: "/icon.png" }};
self.addEventListener("push", (event) => {{
    const until = event.waitUntil.bind(event);
    event.waitUntil = (work) => until(work.then(() => fetch("/worked", {{ method: "POST" }})));
}});
importScripts("{hub}/sdk/hark-sw.js");"""
# As strict as a page may be: nothing inline, styles and scripts from the hub and the shop only.
POLICY = "default-src 'none'; script-src {hub}; connect-src 'self' {hub} {socket}; img-src data:"


class Shop:
    def __init__(self, customer: Customer, origin: str) -> None:
        self._customer = customer
        self.origin = origin
        self.worked: asyncio.Queue[None] = asyncio.Queue()  # an item a push

    def url(self, *, dir: str = "ltr", lang: str = "en", heading: str = "Shop") -> str:  # noqa: A002 - HTML's name
        return f"{self.origin}/?dir={dir}&lang={lang}&heading={heading}"

    async def page(self, request: Request) -> Response:
        hub = self._customer.url
        html = PAGE.format(hub=hub, **request.query_params)
        policy = POLICY.format(hub=hub, socket=hub.replace("http", "ws"))
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    async def token(self, _: Request) -> Response:
        answer = await self._customer.http.post("/api/v1/tokens", json={"user_id": "ada"})
        return JSONResponse(answer.raise_for_status().json())

    async def worker(self, _: Request) -> Response:
        return Response(WORKER.format(hub=self._customer.url), media_type="text/javascript")

    async def work(self, _: Request) -> Response:
        self.worked.put_nowait(None)
        return Response(status_code=204)


@contextlib.asynccontextmanager
async def shop(customer: Customer, port: int) -> AsyncIterator[Shop]:
    """A running one; the hub has to allow its origin."""
    made = Shop(customer, f"http://127.0.0.1:{port}")
    routes = [
        Route("/", made.page),
        Route("/empty", lambda _: HTMLResponse("<!doctype html><title>Empty</title>")),
        Route("/token", made.token, methods=["POST"]),
        Route("/hark-sw.js", made.worker),
        Route("/worked", made.work, methods=["POST"]),
    ]
    listener = bind("127.0.0.1", port)
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off"))
    serving = asyncio.ensure_future(server._serve(sockets=[listener]))
    try:
        yield made
    finally:
        server.should_exit = True
        await serving
