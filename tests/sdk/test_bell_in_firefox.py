"""`<hark-bell>` in a real Firefox: that it counts, tells, reads, and shows texts as texts there, too."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.hub_process import Customer
from tests.sdk.bell import HARK, LIVE, ROOT, counts, holds_only_text, open_all, shown
from tests.sdk.firefox import Firefox, firefox, needs_firefox
from tests.sdk.hostile import TEXTS
from tests.sdk.shop import Shop

pytestmark = needs_firefox

WITHIN_S = 30  # a test, once the browser runs
NO_PUSHES = "ws://127.0.0.1:1"


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Firefox]:
    async with firefox(NO_PUSHES) as running:
        yield running


@pytest.fixture
async def ada(running: Firefox, place: tuple[Customer, Shop]) -> AsyncIterator[Firefox]:
    """Her one tab, with the shop's page."""
    async with asyncio.timeout(WITHIN_S):
        await running.go(place[1].url())
        await running.until(LIVE)
    yield running
    await running.go("about:blank")


async def test_it_counts_tells_and_reads(ada: Firefox, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    async with asyncio.timeout(WITHIN_S):
        sent = [await hub.send("ada", title, message="It arrives on Thursday.") for title in ("one", "two")]
        await counts(ada, 2)
        assert await ada.run(f"{ROOT}.querySelector('.toast-text').innerText") == "one\nIt arrives on Thursday."
        await ada.screenshot("bell-toast-firefox")
        await open_all(ada, 2)
        await ada.run(f"{ROOT}.querySelector('li .item').click()")
        await counts(ada, 1)
        await hub.reaches(sent[1], "read")
        await ada.run(f"{ROOT}.querySelector('.quiet').click()")
        await counts(ada, 0)
        await hub.reaches(sent[0], "read")


async def test_texts_are_texts(ada: Firefox, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    async with asyncio.timeout(WITHIN_S):
        for text in TEXTS:
            await hub.send("ada", text, message=text)
        await ada.until(f"{HARK}.entries.length === {len(TEXTS)}")
        await holds_only_text(ada)
        await open_all(ada, len(TEXTS))
        assert await shown(ada) == [[text, text] for text in TEXTS[::-1]]
        await holds_only_text(ada)
