"""The demo as its page sees it: a back end that talks to a real hub and a real push simulator; and the page itself."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.encryption import VAULT
from tests.hub_process import Customer
from tests.sdk.chromium import chromium
from tests.sdk.mortal_hub import killed_in_the_end
from tests.web_demo.demo import ADA, DESKTOP, GRACE, Demo
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


@pytest.fixture
async def demo(settings: Settings, pool: Pool, simulator_url: str) -> AsyncIterator[Demo]:
    """In a real browser; both laptops are connected."""
    [port] = free_ports(1)
    key = await api_keys.create(pool, VAULT, "demo", "admin")
    env = {
        "HARK_DEMO_API_KEY": key,
        "HARK_DEMO_SIMULATOR_URL": simulator_url,
        "HARK_PUSH_SERVICES": simulator_url,
    }
    url = f"http://127.0.0.1:{port}"
    http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"})
    async with AsyncExitStack() as stack:
        customer = Customer(url, await stack.enter_async_context(http))
        hub = await stack.enter_async_context(AsyncExitStack())
        browser = await stack.enter_async_context(chromium())
        await hub.enter_async_context(killed_in_the_end(settings, port, **env))
        tab = await browser.open(f"{url}/demo/")
        await tab.ask("Emulation.setDeviceMetricsOverride", **DESKTOP)
        made = Demo(tab, customer, hub, settings, port, **env)
        for laptop in (ADA, GRACE):
            await made.is_said(laptop, "Live")
        yield made
        assert made.tab.complaints() == []
