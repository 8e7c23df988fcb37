"""Web Push from end to end in a real Firefox: subscribed by the page, registered, pushed by the worker, encrypted,
shown by the service worker. Only the push service between is the test's."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from delivery.webpush.settings import WebPushSettings
from delivery.webpush.vapid import VapidKeys
from hub.dev.ports import free_ports
from tests.clearing_engine import Cleaner
from tests.delivery.sample import trusting
from tests.devices import read
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.sdk.autopush import Autopush, autopush
from tests.sdk.bell import BELL, HARK
from tests.sdk.firefox import Firefox, firefox, needs_firefox
from tests.sdk.shop import Shop

pytestmark = needs_firefox

WITHIN_S = 30  # a test, once the browser runs
DECRYPTED = 100  # the browser's ack of a push that its worker got
SHOWN = """navigator.serviceWorker.getRegistration().then((found) => found.getNotifications())
    .then((shown) => shown.map(({title, body}) => [title, body]).sort())"""


class Laptop:
    """A Firefox whose user said yes to the shop's notifications, and looks at something else now."""

    def __init__(self, hub: Customer, shop: Shop, browser: Firefox, push_service: Autopush) -> None:
        self.hub = hub
        self.push_service = push_service
        self.browser = browser
        self._shop = shop

    async def subscribe(self) -> None:
        """What a click on "notify me" does, and the shop's back end after it."""
        await self.browser.go(f"{self._shop.origin}/empty")
        subscription = await self.browser.run(
            f"""(async () => {{
                const {{ subscribe }} = await import('{self.hub.url}/sdk/push.js');
                return JSON.stringify(await subscribe({{ url: '{self.hub.url}', register: () => {{}} }}));
            }})()"""
        )
        await self.hub.register("ada", subscription)
        assert await self.call("state()") == "on"

    async def call(self, call: str) -> object:
        """Of the SDK's module for pushes."""
        found: object = await self.browser.run(f"import('{self.hub.url}/sdk/push.js').then((push) => push.{call})")
        return found

    async def leave(self) -> None:
        """No page of the shop is open."""
        await self.browser.go(f"{self.hub.url}/health")

    async def visit(self) -> None:
        """The shop's own page, which tells the worker what it has."""
        await self.browser.go(self._shop.url())
        await self.browser.until(f"{HARK}?.state.name === 'live'")
        await self.call(f"follow({HARK}) && null")

    async def gets(self) -> None:
        """A push: decrypted, and worked off by the service worker."""
        assert await self.push_service.acks.get() == DECRYPTED
        await self._shop.worked.get()

    async def shows(self, *wanted: tuple[str, str]) -> None:
        """Titles and messages, as the desktop has them."""
        await self.browser.go(f"{self._shop.origin}/empty")
        await self.showing(*wanted)

    async def showing(self, *wanted: tuple[str, str]) -> None:
        """The same, whatever page there is."""
        text = msgspec.json.encode(sorted(wanted)).decode()
        await self.browser.until(f"{SHOWN}.then((shown) => JSON.stringify(shown) === JSON.stringify({text}))")


@pytest.fixture(scope="module")
async def push_service() -> AsyncIterator[Autopush]:
    [port] = free_ports(1)
    async with autopush(port) as running:
        yield running


@pytest.fixture(scope="module")
async def running(push_service: Autopush) -> AsyncIterator[Firefox]:
    async with firefox(push_service.socket_url) as running:
        yield running


@pytest.fixture
def webpush_settings(push_service: Autopush, keys: VapidKeys) -> WebPushSettings:
    """Hub and worker push to the browser's push service."""
    return trusting(push_service.origin, keys)


@pytest.fixture
async def laptop(place: tuple[Customer, Shop], running: Firefox, push_service: Autopush) -> AsyncIterator[Laptop]:
    bought = Laptop(*place, running, push_service)
    async with asyncio.timeout(WITHIN_S):
        await bought.subscribe()
    yield bought
    await running.go("about:blank")


async def test_who_looks_at_something_else_is_shown_what_was_sent(laptop: Laptop, engine: Engine) -> None:
    async with asyncio.timeout(WITHIN_S):
        await laptop.leave()
        sent = await laptop.hub.send("ada", "Bestellt: Süßes", message="<b>Thursday</b>", data={"order": 42})
        await engine.run()
        await laptop.gets()
        await laptop.shows(("Bestellt: Süßes", "<b>Thursday</b>"))
        await laptop.hub.reaches(sent, "pushed")


async def test_what_is_read_elsewhere_is_cleared_while_nobody_looks(
    laptop: Laptop, engine: Engine, cleaner: Cleaner
) -> None:
    async with asyncio.timeout(WITHIN_S):
        await laptop.leave()
        for title in ("read", "unread"):
            await laptop.hub.send("ada", title)
            await engine.run()
            await laptop.gets()
        await read(laptop.hub, 1)
        await cleaner.clean()
        await laptop.gets()
        await laptop.shows(("unread", ""))


async def test_the_last_one_is_cleared_too(laptop: Laptop, engine: Engine, cleaner: Cleaner) -> None:
    async with asyncio.timeout(WITHIN_S):
        await laptop.leave()
        await laptop.hub.send("ada", "the only one")
        await engine.run()
        await laptop.gets()
        await read(laptop.hub, 1)
        await cleaner.clean()
        await laptop.gets()
        await laptop.shows()


async def test_an_open_page_clears_what_is_read_elsewhere(laptop: Laptop, engine: Engine) -> None:
    async with asyncio.timeout(WITHIN_S):
        await laptop.leave()
        for title in ("read", "unread"):
            await laptop.hub.send("ada", title)
            await engine.run()
            await laptop.gets()
        await laptop.visit()
        await laptop.browser.run(f"{HARK}.more()")
        await read(laptop.hub, 1)
        await laptop.showing(("unread", ""))
        await laptop.browser.run(f"{BELL}.click()")
        await laptop.browser.screenshot("bell-firefox")


async def test_who_said_no_later_is_pushed_to_no_more(laptop: Laptop, engine: Engine) -> None:
    async with asyncio.timeout(WITHIN_S):
        assert await laptop.call("unsubscribe()") is True
        await laptop.push_service.unregistered.get()
        sent = await laptop.hub.send("ada")
        await engine.run()
        await laptop.hub.reaches(sent, "failed")
        await laptop.shows()
