"""Web Push from end to end in a real Firefox: subscribed by the page, registered, pushed by the worker, encrypted,
shown by the service worker. Only the push service between is the test's."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from delivery.webpush.provider import WebPushSettings
from delivery.webpush.vapid import VapidKeys
from hub.dev.ports import free_ports
from tests.delivery.sample import trusting
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.sdk.autopush import Autopush, autopush
from tests.sdk.firefox import Firefox, firefox, needs_firefox
from tests.sdk.shop import Shop, shop

pytestmark = needs_firefox

DECRYPTED = 100  # the browser's ack of a push that its worker got
SHOWN = """navigator.serviceWorker.getRegistration().then((found) => found.getNotifications())
    .then((shown) => shown.map(({title, body}) => [title, body]))"""


@pytest.fixture
async def push_service() -> AsyncIterator[Autopush]:
    [port] = free_ports(1)
    async with autopush(port) as running:
        yield running


@pytest.fixture
def webpush_settings(push_service: Autopush, keys: VapidKeys) -> WebPushSettings:
    """Hub and worker push to the browser's push service."""
    return trusting(push_service.origin, keys)


@pytest.fixture
async def place(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
) -> AsyncIterator[tuple[Customer, Shop]]:
    [port] = free_ports(1)
    async with start_hub(allowed_origins=(f"http://127.0.0.1:{port}",)) as hub, shop(hub, port) as made:
        yield hub, made


async def subscribe(browser: Firefox, hub: Customer) -> str:
    """What a click on "notify me" does; gives the subscription, as the page's back end gets it."""
    found: str = await browser.run(
        f"""import('{hub.url}/sdk/push.js').then(({{ subscribe }}) => new Promise((register, fail) =>
            subscribe({{ url: '{hub.url}', register: (made) => register(JSON.stringify(made)) }}).catch(fail)))"""
    )
    return found


async def test_a_user_without_an_open_page_of_the_shop_is_shown_what_was_sent(
    push_service: Autopush, place: tuple[Customer, Shop], engine: Engine
) -> None:
    hub, made = place
    async with firefox(push_service.socket_url) as browser:
        await browser.go(f"{made.origin}/empty")
        await hub.register("ada", await subscribe(browser, hub))
        assert await browser.run(f"import('{hub.url}/sdk/push.js').then(({{ state }}) => state())") == "on"

        sent = await hub.send("ada", "Bestellt: Süßes", message="<b>Thursday</b>", data={"order": 42})
        await engine.run()

        await made.worked.get()
        assert await push_service.acks.get() == DECRYPTED
        assert await browser.run(SHOWN) == [["Bestellt: Süßes", "<b>Thursday</b>"]]
        await hub.reaches(sent, "pushed")
