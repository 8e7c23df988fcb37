"""`<hark-bell>` in a real browser, on a customer's page: what one sees, what a screen reader hears, what keys do."""

from typing import Any

import pytest

from tests.hub_process import Customer
from tests.sdk.bell import BELL, LIVE, ROOT, counts, open_all, titles
from tests.sdk.chromium import Chromium, Tab, needs_chromium
from tests.sdk.shop import Shop

pytestmark = needs_chromium

PARTS = (".bell", ".panel")


async def focused(tab: Tab) -> str:
    found: str = await tab.run(f"{ROOT}.activeElement?.innerText ?? ''")
    return found


async def named(tab: Tab, role: str) -> list[str]:
    """The names of all elements of a role, as a screen reader hears them."""
    nodes: list[dict[str, Any]] = (await tab.ask("Accessibility.getFullAXTree"))["nodes"]
    return [node["name"]["value"] for node in nodes if not node["ignored"] and node["role"]["value"] == role]


async def test_the_badge_counts_and_a_toast_tells(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    assert await ada.run(f"{ROOT}.querySelector('.badge').hidden")
    await hub.send("ada", "Order shipped", message="It arrives on Thursday.")

    await ada.until(f"{ROOT}.querySelector('.badge').textContent === '1'")
    assert await ada.run(f"{ROOT}.querySelector('.toast-text').innerText") == "Order shipped\nIt arrives on Thursday."
    assert await ada.run(f"{ROOT}.querySelector('.toasts').role") == "status"
    assert "Notifications, 1 unread" in await named(ada, "button")
    await ada.screenshot("bell-toast")


async def test_what_waited_is_there_and_read_by_a_click(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    sent = [await hub.send("ada", f"title {number}") for number in range(1, 4)]
    tab = await browser.open(made.url())
    await tab.until(f"{ROOT}?.querySelector('.badge').textContent === '3'")
    await tab.run(f"{BELL}.click()")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 3")
    assert await titles(tab) == ["title 3", "title 2", "title 1"]

    await hub.reaches(sent[0], "seen")
    await tab.run(f"{ROOT}.querySelector('li .item').click()")
    await hub.reaches(sent[2], "read")
    assert await titles(tab) == ["title 3", "title 2", "title 1"]  # it stays until the next look
    await tab.run(f"{ROOT}.querySelector('.quiet').click()")
    await hub.reaches(sent[0], "read")
    await tab.until(f"{ROOT}.querySelector('.badge').hidden")


async def _opened_by_key(ada: Tab, hub: Customer) -> None:
    """With three entries in it."""
    for number in range(1, 4):
        await hub.send("ada", f"title {number}")
    await ada.until(f"{ROOT}.querySelector('.badge').textContent === '3'")
    await ada.run(f"{BELL}.focus()")
    await ada.press("Enter")
    await ada.until(f"{ROOT}.querySelectorAll('li').length === 3")


async def test_it_is_used_by_keys_alone(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await _opened_by_key(ada, hub)
    assert "title 3" in await focused(ada)
    await ada.press("ArrowDown")
    assert "title 2" in await focused(ada)
    await ada.press("End")
    assert "title 1" in await focused(ada)
    await ada.press("Enter")
    await ada.until(f"{ROOT}.querySelector('.badge').textContent === '2'")
    assert "title 1" in await focused(ada)
    await ada.run(f"{ROOT}.querySelector('[role=tab]').focus()")
    await ada.press("ArrowRight")
    assert await focused(ada) == "All"
    await ada.press("Escape")
    assert await ada.run(f"{ROOT}.querySelector('.panel').hidden && {ROOT}.activeElement === {BELL}")


async def test_tab_reaches_everything_in_it_and_then_leaves(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await hub.send("ada", "Order shipped")
    await counts(ada, 1)
    await ada.run(f"{BELL}.focus()")
    await ada.press("Enter")
    await ada.run(f"{BELL}.focus()")
    reached = []
    for _ in range(4):
        await ada.press("Tab")
        reached.append((await focused(ada)).partition("\n")[0])
    assert reached == ["Mark all read", "Unread", "Unread:", ""]
    assert await ada.run(f"{ROOT}.activeElement.getAttribute('aria-label').startsWith('Archive')")

    await ada.press("Tab")
    assert await ada.run(f"document.activeElement.innerText === 'Elsewhere' && {ROOT}.querySelector('.panel').hidden")


async def test_all_is_marked_read_by_keys_and_the_focus_is_not_lost(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    sent = [await hub.send("ada", title) for title in ("one", "two")]
    await counts(ada, 2)
    await ada.run(f"{BELL}.focus()")
    await ada.press("Enter")
    await ada.run(f"{BELL}.focus()")
    await ada.press("Tab")
    await ada.press("Enter")

    await counts(ada, 0)
    for one in sent:
        await hub.reaches(one, "read")
    assert await focused(ada) == "Unread"
    assert await ada.run(f"{ROOT}.querySelector('.quiet').disabled")


async def test_a_screen_reader_hears_what_it_is(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await hub.send("ada", "Order shipped", message="It arrives on Thursday.")
    await ada.until(f"{ROOT}.querySelector('.badge').textContent === '1'")
    await ada.run(f"{BELL}.click()")

    await ada.until(f"{ROOT}.querySelectorAll('li').length === 1")
    assert await named(ada, "dialog") == ["Notifications"]
    assert await named(ada, "tab") == ["Unread", "All", "Archived"]
    assert await named(ada, "tabpanel") == ["Unread"]
    assert any(name.startswith("Unread: Order shipped") for name in await named(ada, "button"))


async def test_an_entry_is_archived_and_taken_back(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    sent = [await hub.send("ada", f"title {number}") for number in range(1, 4)]
    await ada.until(f"{ROOT}.querySelector('.badge').textContent === '3'")
    await ada.run(f"{BELL}.click()")
    await ada.until(f"{ROOT}.querySelectorAll('li').length === 3")
    assert "Archive: title 2" in await named(ada, "button")

    await ada.run(f"{ROOT}.querySelectorAll('li .file')[1].click()")
    assert await titles(ada) == ["title 3", "title 1"]
    assert (await hub.reaches(sent[1], "read"))["archived_at"]
    assert await ada.run(f"{ROOT}.querySelector('.badge').textContent") == "2"
    await ada.run(f"{ROOT}.querySelector('#tab-archived').click()")
    await ada.until(f"{ROOT}.querySelectorAll('li').length === 1")
    assert await titles(ada) == ["title 2"]
    assert "Move back: title 2" in await named(ada, "button")
    await ada.run(f"{ROOT}.querySelector('li .file').click()")
    assert await titles(ada) == []
    assert await ada.run(f"{ROOT}.querySelector('.note').textContent") == "Nothing is archived."
    await ada.run(f"{ROOT}.querySelector('#tab-all').click()")
    assert await titles(ada) == ["title 3", "title 2", "title 1"]


async def test_keys_alone_archive_and_the_focus_stays_in_the_list(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await _opened_by_key(ada, hub)
    await ada.press("ArrowDown")
    await ada.press("Tab")
    label = f"{ROOT}.activeElement.ariaLabel"
    assert await ada.run(label) == "Archive: title 2"
    await ada.press("Enter")
    assert (await titles(ada), await ada.run(label)) == (["title 3", "title 1"], "Archive: title 1")
    assert await ada.run(f"{ROOT}.querySelector('.told').textContent") == "Archived: title 2"
    await ada.press("Enter")
    assert (await titles(ada), await ada.run(label)) == (["title 3"], "Archive: title 3")
    await ada.press("Enter")
    assert (await titles(ada), await focused(ada)) == ([], "Unread")
    # The archive is asked for when all is in it: a page from before would be replaced, and the focus move on.
    while len((await hub.http.get("/api/v1/users/ada/inbox", params={"archived": "true"})).json()["entries"]) < 3:
        pass
    await ada.press("ArrowLeft")
    assert await focused(ada) == "Archived"
    await ada.until(f"{ROOT}.querySelectorAll('li').length === 3")
    await ada.press("ArrowDown")
    await ada.press("Tab")
    await ada.press("ArrowDown")
    assert "title 2" in await focused(ada)
    await ada.press("Escape")
    assert await ada.run(f"{ROOT}.querySelector('.panel').hidden && {ROOT}.activeElement === {BELL}")


async def test_the_archive_is_fetched_page_by_page(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    for number in range(1, 121):
        await hub.send("ada", f"title {number}")
    async with hub.online("ada") as elsewhere:
        await elsewhere.say("archive", seqs=[*range(1, 120)])
        await elsewhere.heard()
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    await tab.run(f"{BELL}.click()")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 1")
    await tab.run(f"{ROOT}.querySelector('#tab-archived').click()")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 50")
    while await tab.run(f"{ROOT}.querySelectorAll('li').length") < 119:
        await tab.run(f"{ROOT}.querySelector('.list').scrollTo(0, 1e6)")
    assert await titles(tab) == [f"title {number}" for number in range(119, 0, -1)]


async def test_a_click_elsewhere_closes_it(ada: Tab) -> None:
    await ada.run(f"{BELL}.click()")
    await ada.click(200, 600)

    await ada.until(f"{ROOT}.querySelector('.panel').hidden")


@pytest.mark.parametrize("width", [320, 900])
@pytest.mark.parametrize("place_of_bell", [0, 140, 270])
async def test_the_panel_is_on_the_screen_wherever_the_bell_is(ada: Tab, width: int, place_of_bell: int) -> None:
    await ada.ask("Emulation.setDeviceMetricsOverride", width=width, height=600, deviceScaleFactor=1, mobile=False)
    await ada.run(f"document.querySelector('hark-bell').style.marginInlineStart = '{place_of_bell}px'")
    await ada.run(f"{BELL}.click()")
    bell, panel = [await ada.run(f"{ROOT}.querySelector('{one}').getBoundingClientRect().toJSON()") for one in PARTS]

    assert 0 <= panel["left"] < panel["right"] <= width
    assert 0 <= panel["top"] - bell["bottom"] < 10
    assert panel["bottom"] <= 600


async def test_the_end_of_the_list_fetches_more(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    for number in range(1, 121):
        await hub.send("ada", f"title {number}")
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    await tab.run(f"{BELL}.click()")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 50")
    while await tab.run(f"{ROOT}.querySelectorAll('li').length") < 120:
        await tab.run(f"{ROOT}.querySelector('.list').scrollTo(0, 1e6)")
    assert await titles(tab) == [f"title {number}" for number in range(120, 0, -1)]
    assert await tab.run(f"{ROOT}.querySelector('.badge').textContent") == "99+"


async def test_the_whole_history_is_reached_by_keys(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    for number in range(1, 121):
        await hub.send("ada", f"title {number}")
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    await tab.run(f"{BELL}.focus()")
    await tab.press("Enter")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === 50")
    while "title 1" not in (await focused(tab)).splitlines():
        await tab.press("End")
    assert len(await titles(tab)) == 120
    await tab.press("Home")
    assert "title 120" in await focused(tab)
    await tab.ask("Page.close")


@pytest.mark.parametrize("url", ["/orders/42?x=1", "javascript:window.owned = 1", "data:text/html,x", 42])
async def test_an_entry_leads_to_a_page_and_nowhere_else(
    browser: Chromium, place: tuple[Customer, Shop], url: object
) -> None:
    hub, made = place
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    await hub.send("ada", data={"url": url})
    await tab.until(f"{ROOT}.querySelector('.toast-text')")
    await tab.run("window.before = 1")
    await tab.run(f"{ROOT}.querySelector('.toast-text').click()")
    if url == "/orders/42?x=1":
        await tab.until("location.pathname === '/orders/42'")
    else:
        await tab.until(f"{ROOT}.querySelector('.badge').hidden")
        assert await tab.run("window.before === 1 && window.owned === undefined")


@pytest.mark.parametrize("look", ["light", "dark", "rtl", "narrow"])
async def test_it_looks_right(browser: Chromium, place: tuple[Customer, Shop], look: str) -> None:
    hub, made = place
    arabic = look == "rtl"
    texts = (
        [("تم شحن طلبك", "يصل يوم الخميس."), ("تذكير بالدفع", "")]
        if arabic
        else [
            ("Order shipped", "Your parcel is on its way and arrives on Thursday."),
            ("Payment reminder", ""),
        ]
    )
    for title, message in texts:
        await hub.send("ada", title, message=message)
    async with hub.online("ada") as elsewhere:
        await elsewhere.say("read", seqs=[1])
        await elsewhere.heard()
    tab = await browser.open(made.url(dir="rtl", lang="ar", heading="متجر") if arabic else made.url())
    await tab.is_in("dark" if look == "dark" else "light")
    width = 320 if look == "narrow" else 900
    await tab.ask("Emulation.setDeviceMetricsOverride", width=width, height=700, deviceScaleFactor=2, mobile=False)
    await tab.until(LIVE)
    await open_all(tab, 2)
    await tab.screenshot(f"bell-{look}")
    panel = await tab.run(f"{ROOT}.querySelector('.panel').getBoundingClientRect().toJSON()")
    assert panel["left"] >= 0
    assert panel["right"] <= width
    background = await tab.run(f"getComputedStyle({ROOT}.querySelector('.panel')).backgroundColor")
    assert background == ("rgb(26, 32, 40)" if look == "dark" else "rgb(255, 255, 255)")
