"""The service worker in a real browser: pushes come from the browser's own tools, everything else is real."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest

from delivery.clearing import Clearing, Past
from delivery.webpush.payload import clearing_payload
from hub.dev.ports import free_ports
from tests.hub_process import Customer
from tests.sdk.chromium import Chromium, Tab, needs_chromium
from tests.sdk.shop import Shop, shop

pytestmark = needs_chromium

HARK = "document.querySelector('hark-bell').hark"
SHOWN = """navigator.serviceWorker.getRegistration().then((found) => found.getNotifications())
    .then((shown) => shown.map(({title, body, tag, icon}) => ({title, body, tag, icon: new URL(icon).pathname})))"""


class Phone:
    """A browser whose user allowed notifications; it has the shop's worker."""

    def __init__(self, hub: Customer, shop: Shop, browser: Chromium, tab: Tab) -> None:
        self.hub = hub
        self.shop = shop
        self.tab = tab
        self._browser = browser
        self._registration = ""

    async def install(self) -> None:
        await self._browser.ask("Browser.grantPermissions", permissions=["notifications"], origin=self.shop.origin)
        await self.tab.ask("ServiceWorker.enable")
        await self.tab.run("navigator.serviceWorker.register('/hark-sw.js')")
        await self.tab.until("navigator.serviceWorker.controller?.state === 'activated'")
        for said in self._browser.heard:
            if said["method"] == "ServiceWorker.workerRegistrationUpdated":
                for found in said["params"]["registrations"]:
                    if found["scopeURL"].startswith(self.shop.origin):
                        self._registration = found["registrationId"]

    async def pushed(self, **push: Any) -> None:
        """Comes once the worker is done with it: Chromium forgets what it is asked for while it is being shown."""
        given = {"id": "x", "seq": 1, "cursor": "1-00000000", "title": "Hello", "message": "", "data": {}, "unread": 9}
        data = msgspec.json.encode(given | push).decode()
        await self.raw(data)
        await self.shop.worked.get()

    async def cleared(self, *seqs: int, unread: int = 9, head: int = 99) -> None:
        """Is told by the worker's own message that these are read."""
        past = [Past(seq, "x") for seq in sorted(seqs, reverse=True)]
        await self.raw(clearing_payload(Clearing("ada", past, unread, head, ttl_s=60)).decode())
        await self.shop.worked.get()

    async def raw(self, data: str) -> None:
        registration = {"origin": self.shop.origin, "registrationId": self._registration}
        await self.tab.ask("ServiceWorker.deliverPushMessage", **registration, data=data)

    async def shows(self, *titles: str) -> None:
        wanted = msgspec.json.encode(sorted(titles)).decode()
        await self.tab.run(
            f"""(async () => {{
                const titles = async () => JSON.stringify((await {SHOWN}).map(({{title}}) => title).sort());
                while ((await titles()) !== {wanted!r}) await new Promise((done) => setTimeout(done, 10));
            }})()"""
        )


@pytest.fixture
async def phone(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]], browser: Chromium
) -> AsyncIterator[Phone]:
    [port] = free_ports(1)
    async with start_hub(allowed_origins=(f"http://127.0.0.1:{port}",)) as hub, shop(hub, port) as made:
        tab = await browser.open(f"{made.origin}/empty")
        found = Phone(hub, made, browser, tab)
        await found.install()
        yield found
        await tab.ask("Page.close")


async def visit(phone: Phone) -> None:
    """The shop's own page, which tells the worker what it has."""
    await phone.tab.go(phone.shop.url())
    await phone.tab.until(f"{HARK}?.state.name === 'live'")
    await phone.tab.run(f"import('{phone.hub.url}/sdk/push.js').then(({{follow}}) => void follow({HARK}))")


async def test_a_push_is_shown_once_however_often_it_comes(phone: Phone) -> None:
    for _ in range(2):
        await phone.pushed(id="a", title="Order shipped", message="<b>Thursday</b>")
    await phone.pushed(id="b", seq=2, title="Another")

    await phone.shows("Another", "Order shipped")
    shown = await phone.tab.run(SHOWN)
    found = next(one for one in shown if one["tag"] == "a")
    assert found == {"title": "Order shipped", "body": "<b>Thursday</b>", "tag": "a", "icon": "/icon.png"}


async def test_what_a_page_shows_is_not_shown_again(phone: Phone) -> None:
    await visit(phone)
    known = await phone.hub.send("ada", "On the page")
    await phone.tab.until(f"{HARK}.entries.length === 1")
    await phone.pushed(id=known, title="On the page")
    await phone.pushed(id="other", seq=2, title="Not on the page")

    await phone.shows("Not on the page")


async def test_what_is_read_elsewhere_is_cleared(phone: Phone) -> None:
    ids = [await phone.hub.send("ada", title) for title in ("read", "unread")]
    for seq, (one, title) in enumerate(zip(ids, ("read", "unread"), strict=True), start=1):
        await phone.pushed(id=one, seq=seq, title=title)
    await phone.shows("read", "unread")
    await visit(phone)
    await phone.tab.run(f"{HARK}.more()")
    async with phone.hub.online("ada") as elsewhere:
        await elsewhere.say("read", seqs=[1])
        await phone.shows("unread")


async def test_a_push_that_is_all_there_is_unread_clears_the_others(phone: Phone) -> None:
    await phone.pushed(id="a", seq=1, title="read elsewhere", unread=1)
    await phone.shows("read elsewhere")
    await phone.pushed(id="b", seq=2, title="new", unread=1)

    await phone.shows("new")


async def test_what_the_worker_clears_is_closed_and_nothing_else(phone: Phone) -> None:
    for seq in range(1, 5):
        await phone.pushed(id=f"{seq}", seq=seq, title=f"{seq}")
    await phone.cleared(1, 2, 4)

    await phone.shows("3")


async def test_the_last_one_is_closed_too(phone: Phone) -> None:
    await phone.pushed(id="a", title="the only one")
    await phone.cleared(1)

    await phone.shows()


async def test_the_last_one_is_closed_when_nobody_looks_at_the_site_either(phone: Phone) -> None:
    for seq in (1, 2):
        await phone.pushed(id=f"{seq}", seq=seq, title=f"{seq}")
    await phone.tab.go(f"{phone.hub.url}/health")  # another site
    await phone.cleared(1, 2)
    await phone.tab.go(f"{phone.shop.origin}/empty")

    await phone.shows()


async def test_where_nothing_is_unread_all_is_closed_but_what_came_since(phone: Phone) -> None:
    for seq in (1, 2, 3):
        await phone.pushed(id=f"{seq}", seq=seq, title=f"{seq}")
    await phone.cleared(2, unread=0, head=2)

    await phone.shows("3")


async def test_there_may_be_nothing_to_clear(phone: Phone) -> None:
    await phone.cleared(7)
    await phone.pushed(title="still works")

    await phone.shows("still works")


async def test_what_has_the_senders_key_is_shown_once(phone: Phone) -> None:
    for seq, title in enumerate(("one", "two"), start=1):
        await phone.pushed(id=title, seq=seq, title=title, tag="order-42")

    await phone.shows("two")


async def test_what_is_taken_back_is_closed_by_an_open_page(phone: Phone) -> None:
    sent = await phone.hub.send("ada", "A mistake")
    await phone.pushed(id=sent, title="A mistake")
    await phone.pushed(id="other", seq=2, title="stays")
    await phone.shows("A mistake", "stays")
    await visit(phone)
    await phone.tab.run(f"{HARK}.more()")
    (await phone.hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()

    await phone.shows("stays")


@pytest.mark.parametrize(
    "data", ['{"clear": 1}', '{"clear": {"seqs": 1}}', "", "no JSON", "{}", '{"id": 1, "seq": "x"}', "[]", "null"]
)
async def test_what_is_not_harks_is_left_alone(phone: Phone, data: str) -> None:
    await phone.raw(data)
    await phone.pushed(title="Hark's")

    await phone.shows("Hark's")
