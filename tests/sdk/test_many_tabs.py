"""Many tabs of one user in a real browser: one socket, whoever of them is closed or dies, and everything once."""

import asyncio

import pytest

from tests.hub_process import Customer
from tests.sdk.bell import HARK, LIVE, ROOT, counts, open_all, titles
from tests.sdk.chromium import Chromium, Tab, needs_chromium
from tests.sdk.shop import Shop

pytestmark = needs_chromium

TABS = 5
NOTES = f"window.told = [], {HARK}.on('arrived', (entries) => told.push(...entries.map(({{ title }}) => title))) && 0"
LEADS = """new Promise((found) => navigator.locks.request(String(Math.random()), async (mine) => {
    const { held } = await navigator.locks.query();
    const { clientId } = held.find(({ name }) => name === mine.name);
    found(held.some((one) => one.name.startsWith('hark:') && one.clientId === clientId));
}))"""


async def tabs_of(browser: Chromium, shop: Shop, count: int) -> list[Tab]:
    """Each notes what it is told of."""
    tabs = [await browser.open(shop.url()) for _ in range(count)]
    for tab in tabs:
        await tab.until(LIVE)
        await tab.run(NOTES)
    return tabs


async def leading(tabs: list[Tab]) -> list[Tab]:
    return [tab for tab in tabs if await tab.run(LEADS)]


async def has_one_socket(hub: Customer) -> None:
    while True:
        told = await hub.http.post("/api/v1/explain", json={"user_id": "ada", "title": "How many?"})
        if "shown on 1 connection of this node" in told.text:
            return
        await asyncio.sleep(0.01)


async def were_told_once(tabs: list[Tab], wanted: list[str]) -> None:
    for tab in tabs:
        await tab.until(f"told.length >= {len(wanted)}")
        assert await tab.run("told") == wanted


async def test_they_share_one_socket_and_hear_everything_once(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    tabs = await tabs_of(browser, made, TABS)
    wanted = [f"title {number}" for number in range(1, 11)]
    for title in wanted:
        await hub.send("ada", title)

    await were_told_once(tabs, wanted)
    await has_one_socket(hub)
    assert len(await leading(tabs)) == 1
    await open_all(tabs[-1], len(wanted))
    await tabs[-1].run(f"{ROOT}.querySelector('.quiet').click()")
    for tab in tabs:
        await counts(tab, 0)
        assert tab.complaints() == []
        await tab.ask("Page.close")


@pytest.mark.parametrize("end", ["Page.close", "Page.crash"])
async def test_when_the_one_that_leads_ends_another_does_and_nothing_is_lost_or_doubled(
    browser: Chromium, place: tuple[Customer, Shop], end: str
) -> None:
    hub, made = place
    tabs = await tabs_of(browser, made, TABS)
    wanted: list[str] = []
    while len(tabs) > 1:
        [leader] = await leading(tabs)
        tabs.remove(leader)
        ending = asyncio.ensure_future(leader.ask(end))  # a page that crashes does not answer
        for _ in range(3):
            wanted.append(f"title {len(wanted) + 1}")
            await hub.send("ada", wanted[-1])
        await were_told_once(tabs, wanted)
        await has_one_socket(hub)
        ending.cancel()
        await asyncio.wait([ending])

    [last] = tabs
    await open_all(last, len(wanted))
    assert await titles(last) == wanted[::-1]
    assert last.complaints() == []
    await last.ask("Page.close")
