"""A page of the demo from the outside."""

import httpx

from web_demo.app import create_app

NOBODY = "http://127.0.0.1:1"  # a port nobody listens on


def page_of(*, hark_url: str = NOBODY, api_key: str = "key", simulator_url: str = NOBODY) -> httpx.AsyncClient:
    """Asks a demo of its own, whose calls to its neighbours are real."""
    demo = create_app(hark_url=hark_url, api_key=api_key, simulator_url=simulator_url)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=demo), base_url="http://demo")
