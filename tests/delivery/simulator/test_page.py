"""The simulator's page: its files, and what a person at a real browser sees and does."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from msgspec import json
from msgspec.structs import replace

from delivery.fcm.provider import Fcm
from delivery.fcm.settings import FcmSettings
from delivery.message import Message
from delivery.simulator.page import FILES, FOLDER
from delivery.webpush.provider import WebPush
from delivery.webpush.vapid import VapidKeys
from tests.browser import Browser, subscribe
from tests.delivery.sample import PLAIN, to, trusting
from tests.phone import install
from tests.sdk.chromium import Tab, chromium, needs_chromium
from tests.simulator import Simulator, running_simulator

NASTY = "<img src=x onerror=document.title='hacked'>"
KINDS = "[...document.querySelectorAll('#kinds button')]"


async def test_the_page_may_load_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    answer = await http.get("/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", answer.text)


@pytest.mark.parametrize("name", sorted(FILES - {"index.html"}))
async def test_its_files_are_served_and_are_all_there_is(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/static/{name}")

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", answer.text)
    assert set(re.findall(r'from "\./([^"]+)"', answer.text)) <= FILES


def test_every_file_of_the_page_is_served() -> None:
    assert {path.name for path in FOLDER.iterdir()} == FILES


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.endswith(".js")))
def test_text_is_only_ever_set_as_text(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", (FOLDER / name).read_text())


class Desk:
    """A tab with the page of a simulator of its own, and a sender to it."""

    def __init__(self, simulator: Simulator, tab: Tab, webpush: WebPush, browser: Browser) -> None:
        self.simulator = simulator
        self.tab = tab
        self._webpush = webpush
        self.browser = browser

    async def send(self, message: Message) -> None:
        await self._webpush.send(message, to(self.browser.subscription))

    async def sees(self, *texts: str) -> None:
        """Until these are the titles on the only screen."""
        titles = "[...document.querySelectorAll('.cards strong')].map((each) => each.textContent)"
        await self.tab.until(f"JSON.stringify({titles}) === JSON.stringify({json.encode(texts).decode()})")


@pytest.fixture
async def desk(keys: VapidKeys) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        simulator = stack.enter_context(running_simulator())
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=simulator.url))
        webpush = WebPush(trusting(simulator.url, keys))
        stack.push_async_callback(webpush.aclose)
        browser = await subscribe(http)
        tab = await (await stack.enter_async_context(chromium())).open(simulator.url)
        yield Desk(simulator, tab, webpush, browser)
        assert tab.complaints() == []


@needs_chromium
async def test_what_arrives_is_seen_at_once_and_as_text(desk: Desk) -> None:
    await desk.send(PLAIN)
    await desk.sees("Shipped")
    await desk.send(replace(PLAIN, notification_id="second", title=NASTY, seq=8))
    await desk.sees(NASTY, "Shipped")

    assert await desk.tab.run("document.title") == "Simulated providers"
    await desk.send(replace(PLAIN, notification_id="third", title="Read elsewhere", seq=9, unread=1))
    await desk.sees("Read elsewhere")


@needs_chromium
async def test_an_iphone_has_its_badge(desk: Desk) -> None:
    badge = "document.querySelector('.badge')"
    async with httpx.AsyncClient(base_url=desk.simulator.url) as http:
        phone = await install(http, platform="ios", provider="fcm")
    fcm = Fcm(FcmSettings(fcm_credentials=str(desk.simulator.papers.fcm_account), fcm_url=desk.simulator.url))
    for unread, visible in ((3, "true"), (0, "false")):
        await fcm.send(replace(PLAIN, unread=unread), phone.target)
        await desk.tab.until(f"{badge}?.checkVisibility() === {visible} && {badge}.textContent === '{unread}'")
    await fcm.aclose()


@needs_chromium
async def test_a_button_lets_the_next_push_fail(desk: Desk) -> None:
    await desk.send(PLAIN)
    await desk.sees("Shipped")
    await desk.tab.run("document.querySelector('.break').click()")
    await desk.tab.run(f"{KINDS}.find((each) => each.innerText.startsWith('Gone')).click()")
    await desk.tab.until("document.querySelector('#waiting').innerText.includes('410')")
    await desk.send(replace(PLAIN, notification_id="second"))
    await desk.tab.until("!document.querySelector('#waiting').children.length")

    assert len(await desk.browser.heard()) == 1


@needs_chromium
async def test_every_kind_of_fault_makes_sense_to_the_simulator(desk: Desk) -> None:
    for channel, kinds in {"apns": 8, "fcm": 7, "webpush": 7, "email": 7, "sms": 6}.items():
        choose = f"(target) => {{ target.value = 'channel:{channel}'; target.dispatchEvent(new Event('change')); }}"
        await desk.tab.run(f"({choose})(document.querySelector('#target'))")
        await desk.tab.run(f"{KINDS}.forEach((each) => each.click())")
        await desk.tab.until(f"document.querySelectorAll('#waiting li').length === {kinds}")
        assert await desk.tab.run("document.querySelector('.complaint').hidden")
        await desk.tab.run("document.querySelector('#heal').click()")
        await desk.tab.until("!document.querySelector('#waiting').children.length")


@needs_chromium
async def test_an_app_can_be_deleted_and_says_so(desk: Desk) -> None:
    await desk.send(PLAIN)
    await desk.sees("Shipped")
    await desk.tab.run("document.querySelector('.leave').click()")
    await desk.tab.until("document.querySelector('.token').innerText.startsWith('Gone since')")

    assert (await desk.tab.run("document.querySelector('.leave').disabled")) is True
