"""Hostile texts in `<hark-bell>` on a page with a strict policy: each is shown as it was sent, and is nothing else."""

from itertools import cycle

import msgspec

from tests.hub_process import Customer
from tests.sdk.bell import BELL, HARK, LIVE, ROOT, counts, holds_only_text, open_all, shown
from tests.sdk.chromium import Chromium, Tab, needs_chromium
from tests.sdk.hostile import NO_PAGES, TEXTS
from tests.sdk.shop import Shop

pytestmark = needs_chromium

TOASTS = 3
LIST = f"{ROOT}.querySelector('.list')"
TOASTED = f"""[...{ROOT}.querySelectorAll('.toast')].map((one) => ['title', 'message'].map((part) =>
    one.querySelector(`.toast-${{part}}`).textContent))"""


async def is_only_text(tab: Tab) -> None:
    """Nothing is there that the bell did not make, nothing ran, was loaded or was tried, and the page is the shop's."""
    await holds_only_text(tab)
    assert tab.complaints() == []
    assert [entry for entry in tab.logged() if entry["level"] == "error"] == []


async def test_texts_are_texts_in_the_list_and_in_toasts(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    sent = [[title, message] for title, message in zip(TEXTS, TEXTS[1:] + TEXTS[:1], strict=True)]
    for number, ([title, message], url) in enumerate(zip(sent, cycle(NO_PAGES)), start=1):
        await hub.send("ada", title, message=message, data={"url": url})
        await tab.until(f"{HARK}.entries.length === {number}")
        if number % TOASTS == 0:
            assert await tab.run(TOASTED) == sent[number - TOASTS : number]
            await is_only_text(tab)

    await open_all(tab, len(sent))
    assert await shown(tab) == sent[::-1]
    await is_only_text(tab)
    assert await tab.run(f"{LIST}.scrollWidth <= {LIST}.clientWidth")
    await tab.screenshot("bell-hostile-texts")
    await tab.ask("Page.close")


async def test_an_entry_leads_nowhere_but_to_a_page(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await ada.run("window.before = 1")
    for url in NO_PAGES:
        await hub.send("ada", f"{url}", data={"url": url})
    await counts(ada, len(NO_PAGES))
    await open_all(ada, len(NO_PAGES))
    await ada.run(f"{ROOT}.querySelectorAll('li .item').forEach((item) => item.click())")

    await counts(ada, 0)
    assert await ada.run("before") == 1
    await is_only_text(ada)


async def test_what_was_stored_is_text_after_a_reload(browser: Chromium, place: tuple[Customer, Shop]) -> None:
    hub, made = place
    tab = await browser.open(made.url())
    await tab.until(LIVE)
    for text in TEXTS:
        await hub.send("ada", text, message=text)
    await tab.until(f"{HARK}.entries.length === {len(TEXTS)}")
    await tab.reload()
    await tab.until(f"{LIVE} && {HARK}.entries.length === {len(TEXTS)}")
    await open_all(tab, len(TEXTS))

    assert await shown(tab) == [[text, text] for text in TEXTS[::-1]]
    await is_only_text(tab)
    await tab.ask("Page.close")


async def test_a_page_that_runs_what_it_shows_would_be_found_out(ada: Tab) -> None:
    """The other tests here would fail."""
    for text in ("<img src=x onerror=alert(1)>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>"):
        await ada.run(f"{BELL}.insertAdjacentHTML('afterend', {msgspec.json.encode(text).decode()})")

    while not any("Content Security Policy" in complaint for complaint in ada.complaints()):
        await ada.run("0")  # the browser speaks meanwhile
    ada.forget()
