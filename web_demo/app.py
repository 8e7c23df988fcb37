"""The demo's back end. The page calls it, and it calls Hark as a customer's server would; so no browser ever sees the
API key. It speaks for two made-up people only."""

from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from web_demo.api import Api
from web_demo.devices import Devices
from web_demo.failures import HANDLERS
from web_demo.hark import Hark
from web_demo.headers import SecurityHeaders

STATIC = Path(__file__).with_name("static")

# Both neighbours are near, and a page waits.
_TIMEOUT = httpx.Timeout(5.0, connect=2.0)
# No connection is kept between calls. So there is nothing to close, which matters because a mounted application is
# never told of the end; and a hub that calls itself does not wait for itself when it stops. A connection to a
# neighbour costs a fraction of a millisecond.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=0)


def create_app(*, hark_url: str, api_key: str, simulator_url: str) -> Starlette:
    """The ASGI application of the demo, to be mounted anywhere. Without a simulator (`""`) people have no phones."""
    # trust_env: a proxy for the way out is no way to a neighbour.
    http = httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, trust_env=False)
    hark = Hark(http, hark_url, api_key)
    devices = Devices(http, simulator_url) if simulator_url else None
    return Starlette(
        routes=[
            Route("/", _page),
            Mount("/api", routes=Api(hark, devices, simulator_url).routes()),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers=HANDLERS,
    )


async def _page(_: Request) -> FileResponse:
    return FileResponse(STATIC / "index.html")
