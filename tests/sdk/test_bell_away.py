"""`<hark-bell>` in a real browser when the hub is away: it says so, and comes back by itself with everything, once."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import httpx
import pytest

from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.encryption import VAULT
from tests.hub_process import Customer
from tests.sdk.bell import HARK, LIVE, ROOT, counts, open_all, titles
from tests.sdk.chromium import Chromium, needs_chromium
from tests.sdk.mortal_hub import killed_in_the_end
from tests.sdk.network import network
from tests.sdk.shop import Shop, shop

pytestmark = needs_chromium

CABLE = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
AWAY = f"!{ROOT}.querySelector('.trouble').hidden"
TOLD = f"window.told = [], {HARK}.on('arrived', (entries) => told.push(...entries.map(({{ seq }}) => seq))) && 0"


class Town:
    """A shop, and a hub that is killed and started again."""

    def __init__(self, settings: Settings, customer: Customer, shop: Shop, hub_port: int) -> None:
        self._settings = settings
        self._port = hub_port
        self.hub = customer
        self.shop = shop
        self._running = AsyncExitStack()

    async def start_hub(self) -> None:
        more = {"HARK_ALLOWED_ORIGINS": self.shop.origin}
        await self._running.enter_async_context(killed_in_the_end(self._settings, self._port, **more))

    async def kill_hub(self) -> None:
        await self._running.aclose()


@pytest.fixture
async def town(settings: Settings, pool: Pool) -> AsyncIterator[Town]:
    hub_port, shop_port = free_ports(2)
    headers = {"Authorization": f"Bearer {await api_keys.create(pool, VAULT, 'test', 'admin')}"}
    url = f"http://127.0.0.1:{hub_port}"
    async with httpx.AsyncClient(base_url=url, headers=headers) as http:
        customer = Customer(url, http)
        async with shop(customer, shop_port) as made:
            town = Town(settings, customer, made, hub_port)
            await town.start_hub()
            yield town
            await town.kill_hub()


async def test_a_killed_hub_costs_nothing_and_what_was_read_meanwhile_is_read(browser: Chromium, town: Town) -> None:
    tab = await browser.open(town.shop.url())
    await tab.until(LIVE)
    await tab.run(TOLD)
    sent = [await town.hub.send("ada", title) for title in ("one", "two")]
    await counts(tab, 2)
    await open_all(tab, 2)

    await town.kill_hub()
    await tab.until(AWAY)
    assert await tab.run(f"{ROOT}.querySelector('.trouble').role") == "status"
    await tab.screenshot("bell-away")
    await tab.run(f"{ROOT}.querySelector('li .item').click()")
    await counts(tab, 1)
    await tab.run(f"{ROOT}.querySelector('#tab-archived').click()")
    assert await tab.run(f"{ROOT}.querySelector('.note').hidden")  # who knows what is archived?
    await tab.run(f"{ROOT}.querySelector('#tab-all').click()")

    await town.start_hub()
    sent.append(await town.hub.send("ada", "three"))
    await tab.until(f"{LIVE} && !({AWAY})")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 3")
    await counts(tab, 2)
    assert await titles(tab) == ["three", "two", "one"]
    assert await tab.run("told") == [1, 2, 3]
    await town.hub.reaches(sent[1], "read")
    assert tab.complaints() == []
    await tab.ask("Page.close")


async def test_a_pulled_cable_is_noticed_and_all_is_there_when_it_is_plugged_in(
    browser: Chromium, start_hub: Callable[..., AbstractAsyncContextManager[Customer]]
) -> None:
    [port] = free_ports(1)
    async with (
        start_hub(ping_s=1, allowed_origins=(f"http://127.0.0.1:{port}",)) as hub,
        network(hub.url) as between,
        shop(Customer(between.url, hub.http), port) as made,
    ):
        tab = await browser.open(made.url())
        await tab.ask("Network.enable")
        await tab.until(LIVE)
        await tab.run(TOLD)
        await hub.send("ada", "before")
        await open_all(tab, 1)

        between.pull()
        await tab.ask("Network.emulateNetworkConditions", **CABLE, offline=True)
        for title in ("meanwhile", "and again"):
            await hub.send("ada", title)
        await tab.until(AWAY)

        between.plug()
        await tab.ask("Network.emulateNetworkConditions", **CABLE, offline=False)
        await tab.until(f"{LIVE} && !({AWAY})")
        await tab.until(f"{ROOT}.querySelectorAll('li').length === 3")
        assert await titles(tab) == ["and again", "meanwhile", "before"]
        assert await tab.run("told") == [1, 2, 3]
        assert tab.complaints() == []
        await tab.ask("Page.close")
