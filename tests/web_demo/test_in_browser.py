"""The demo in a real browser: what one does in the shop the other sees; away, and back; and where it went."""

import asyncio

from jobs.rounds import Rounds
from tests.sdk.chromium import needs_chromium
from tests.web_demo.demo import ADA, DESKTOP, GRACE, Demo

pytestmark = needs_chromium

ROWS = "document.querySelector('.rows').innerText"
SUMMARY = "document.querySelector('.summary').textContent"


async def test_a_purchase_is_on_the_sellers_screen_and_its_way_is_told(demo: Demo) -> None:
    await demo.click(".buy")
    await demo.tab.until(f"{GRACE}.querySelector('.entry-title')?.textContent === 'Order 1042 is paid'")
    await demo.tab.until(f"{SUMMARY}.startsWith('On Grace')")
    await demo.tab.until(f"{ROWS}.includes('The user saw it')")
    told = await demo.tab.run(ROWS)
    for fact in ("stored as entry 1", "202", "her page shows it", "A device acknowledged it", "step 1"):
        assert fact in told
    assert await demo.tab.run(f"{GRACE}.querySelector('.badge').textContent") == "1"

    await demo.click(".entry .open", GRACE)
    await demo.tab.until(f"{SUMMARY} === 'Grace has read it'")
    assert await demo.tab.run(f"{GRACE}.querySelector('.badge').hidden")


async def test_what_was_sent_while_a_laptop_was_closed_waits_in_it(demo: Demo) -> None:
    await demo.click(".lid", GRACE)
    await demo.is_said(GRACE, "Offline")
    await demo.click("form button", ADA)
    await demo.tab.until(f"{SUMMARY}.startsWith('Stored')")
    assert await demo.tab.run(f"{GRACE}.querySelector('.page').inert")

    await demo.click(".lid", GRACE)
    await demo.tab.until(f"{GRACE}.querySelector('.toasts').innerText.includes('1 notification was waiting')")
    await demo.tab.until(f"{ROWS}.includes('fetched what it had missed')")


async def test_nothing_is_lost_or_doubled_by_a_pulled_cable(demo: Demo) -> None:
    await demo.click("form button", ADA)
    await demo.tab.until(f"{GRACE}.querySelector('.toast')")
    await demo.click(".cable", GRACE)
    assert await demo.tab.run(f"{GRACE}.querySelector('.toasts').children.length") == 0  # nothing is over what it says
    await demo.click(".buy")
    await demo.tab.until(f"{ROWS}.includes('202')")
    assert await demo.titles(GRACE) == ["Ada wrote"]
    assert await demo.tab.run(f"{GRACE}.querySelector('.ship').disabled")

    await demo.click(".cable", GRACE)
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 2")
    await demo.tab.until(f"{ROWS}.includes('A device acknowledged it')")
    assert await demo.titles(GRACE) == ["Order 1042 is paid", "Ada wrote"]
    assert not await demo.tab.run(f"{GRACE}.querySelector('.ship').disabled")


async def test_a_killed_hub_gets_it_again_and_it_arrives_once(demo: Demo) -> None:
    await demo.kill_hub()
    await demo.is_said(GRACE, "Reconnecting")
    await demo.click(".buy")
    await demo.tab.until(f"{SUMMARY}.includes('with the same Idempotency-Key')")

    await demo.start_hub()
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length")
    await demo.tab.until(f"{ROWS}.includes('at try')")
    await demo.is_said(GRACE, "Live")
    assert await demo.titles(GRACE) == ["Order 1042 is paid"]


async def test_a_reminder_that_nobody_reads_climbs_to_the_mailbox(demo: Demo, pushing: Rounds) -> None:
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(pushing.serve())
        await demo.click(".lid", ADA)
        await demo.is_said(ADA, "Offline")
        await demo.click(".remind", GRACE)
        phone = "document.querySelector('[data-user=demo-ada] .pushes')"
        await demo.tab.until(f"{phone}.innerText.includes('Payment reminder')")
        await demo.tab.until("document.querySelector('.post').innerText.includes('Mail')")
        await demo.tab.until(f"{SUMMARY}.includes('Mail')")
        working.cancel()

    assert "APNs" in await demo.tab.run(ROWS)


async def test_it_fits_every_screen_and_names_every_control(demo: Demo) -> None:
    for width in (360, 768, 1024, 1440, 1600):
        await demo.tab.ask("Emulation.setDeviceMetricsOverride", **DESKTOP | {"width": width})
        assert await demo.tab.run("document.documentElement.scrollWidth") <= width
        await demo.tab.screenshot(f"demo-{width}")

    nameless = "!(each.innerText.trim() || each.getAttribute('aria-label'))"
    controls = "[...document.querySelectorAll('button, input, a:not([hidden])')]"
    assert await demo.tab.run(f"{controls}.filter((each) => each.checkVisibility() && {nameless}).length") == 0


async def test_the_keyboard_is_enough(demo: Demo) -> None:
    await demo.tab.run("document.getElementById('kill-button').focus()")
    await demo.tab.press("Enter")
    await demo.tab.until("document.getElementById('kill').open")
    await demo.tab.press("Escape")
    await demo.tab.until("!document.getElementById('kill').open")

    await demo.tab.run(f"{ADA}.querySelector('.buy').focus()")
    await demo.tab.press("Enter")
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length")
    await demo.tab.run(f"{GRACE}.querySelector('.entry .open').focus()")
    await demo.tab.press("Enter")
    await demo.tab.until(f"{SUMMARY} === 'Grace has read it'")


async def test_what_is_put_away_is_in_the_archive_and_the_trace_tells_it(demo: Demo) -> None:
    focused = "document.activeElement.getAttribute('aria-label')"
    await demo.click("form button", ADA)
    await demo.click(".buy")
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 2")
    await demo.click(".entry .open", GRACE)
    await demo.tab.until(f"{SUMMARY} === 'Grace has read it'")
    await demo.tab.run(f"{GRACE}.querySelector('.entry .file').focus()")
    assert await demo.tab.run(focused) == "Archive: Order 1042 is paid"
    await demo.tab.press("Enter")
    await demo.tab.until(f"{SUMMARY} === 'Grace has archived it'")
    assert "The user archived it" in await demo.tab.run(ROWS)
    assert (await demo.titles(GRACE), await demo.tab.run(focused)) == (["Ada wrote"], "Archive: Ada wrote")

    await demo.tab.reload()  # no browser keeps an archive
    await demo.is_said(GRACE, "Live")
    await demo.click(".view", GRACE)
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 1")
    assert await demo.titles(GRACE) == ["Order 1042 is paid"]
    await demo.tab.screenshot("demo-archive")
    async with demo.customer.online("demo-grace") as phone:
        await demo.click(".entry .file", GRACE)
        assert await demo.tab.run(f"{GRACE}.querySelector('.inbox').innerText.includes('Nothing is archived.')")
        assert await demo.tab.run(f"{GRACE}.querySelector('.filed').textContent") == "Moved back: Order 1042 is paid"
        await demo.click(".view", GRACE)
        await phone.say("archive", seqs=[1])
        await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 1")
        await phone.say("unarchive", seqs=[1])
        await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 2")
    assert await demo.titles(GRACE) == ["Order 1042 is paid", "Ada wrote"]  # where they were

    await demo.tab.reload()
    await demo.is_said(GRACE, "Live")
    await demo.click(".cable", GRACE)
    await demo.click(".view", GRACE)
    assert "The archive is on the hub" in await demo.tab.run(f"{GRACE}.querySelector('.empty').textContent")
