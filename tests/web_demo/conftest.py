"""The demo as its page sees it: a back end that talks to a real hub and a real push simulator."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.hub_process import Customer
from tests.web_demo.page import page_of


@pytest.fixture
async def page(hub: Customer, simulator_url: str) -> AsyncIterator[httpx.AsyncClient]:
    api_key = hub.http.headers["Authorization"].removeprefix("Bearer ")
    async with page_of(hark_url=hub.url, api_key=api_key, simulator_url=simulator_url) as client:
        yield client


@pytest.fixture
async def lonely_page() -> AsyncIterator[httpx.AsyncClient]:
    """Of a demo whose neighbours are all away."""
    async with page_of() as client:
        yield client
