"""Real browsers, and a customer's shop for them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from hub.dev.ports import free_ports
from tests.hub_process import Customer
from tests.sdk.bell import LIVE
from tests.sdk.chromium import Chromium, Tab, chromium
from tests.sdk.shop import Shop, shop


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def place(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
) -> AsyncIterator[tuple[Customer, Shop]]:
    """A hub, and a shop whose pages may speak to it."""
    [port] = free_ports(1)
    async with start_hub(allowed_origins=(f"http://127.0.0.1:{port}",)) as hub, shop(hub, port) as made:
        yield hub, made


@pytest.fixture
async def ada(browser: Chromium, place: tuple[Customer, Shop]) -> AsyncIterator[Tab]:
    """A tab of hers with the shop's page."""
    tab = await browser.open(place[1].url())
    await tab.until(LIVE)
    yield tab
    assert tab.complaints() == []
    await tab.ask("Page.close")
