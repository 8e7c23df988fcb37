"""The demo in a real browser: what one user sends, the other sees; away, and back."""

from contextlib import AsyncExitStack

from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.sdk.chromium import chromium, needs_chromium
from tests.sdk.mortal_hub import killed_in_the_end

pytestmark = needs_chromium

ADA, GRACE = (f"document.querySelectorAll('.pane')[{place}]" for place in (0, 1))


async def test_what_ada_sends_grace_sees(settings: Settings, pool: Pool) -> None:
    [port] = free_ports(1)
    key = await api_keys.create(pool, "demo")
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(AsyncExitStack())
        await hub.enter_async_context(killed_in_the_end(settings, port, HARK_DEMO_API_KEY=key))
        browser = await stack.enter_async_context(chromium())
        tab = await browser.open(f"http://127.0.0.1:{port}/demo/")
        await tab.until(f"{GRACE}.querySelector('.pill-text').textContent === 'Live'")

        await tab.run(f"{ADA}.querySelector('.example').click()")
        await tab.until(f"{GRACE}.querySelector('.entry-title')?.textContent === 'Order shipped'")
        assert await tab.run(f"{GRACE}.querySelector('.badge').textContent") == "1"
        await tab.until(f"{ADA}.querySelector('.steps').innerText.includes('seen')")
        await tab.run(f"{GRACE}.querySelector('.entry button').click()")
        await tab.until(f"{ADA}.querySelector('.steps').innerText.includes('read')")
        assert await tab.run(f"{GRACE}.querySelector('.badge').hidden")

        await tab.run(f"{GRACE}.querySelector('.switch input').click()")
        await tab.until(f"{GRACE}.querySelector('.pill-text').textContent === 'Offline'")
        await tab.run(f"{ADA}.querySelector('.example').click()")
        await tab.until(f"{ADA}.querySelector('.steps').innerText.includes('accepted')")
        await tab.run(f"{GRACE}.querySelector('.switch input').click()")
        await tab.until(f"{GRACE}.querySelector('.toasts').innerText.includes('1 notification was waiting')")

        await hub.aclose()  # kill -9
        await tab.until(f"{GRACE}.querySelector('.pill-text').textContent === 'Reconnecting'")
        await hub.enter_async_context(killed_in_the_end(settings, port, HARK_DEMO_API_KEY=key))
        await tab.until(f"{GRACE}.querySelector('.pill-text').textContent === 'Live'")
        assert await tab.run(f"{GRACE}.querySelectorAll('.entry').length") == 2
        assert tab.complaints() == []
