"""Hostile texts in the demo, wherever it shows one: each is shown as it was sent, and is nothing else."""

import asyncio

import msgspec

from jobs.rounds import Rounds
from tests.sdk.chromium import needs_chromium
from tests.sdk.hostile import MANY_AT_ONCE, TEXTS
from tests.web_demo.demo import ADA, GRACE, Demo

pytestmark = needs_chromium

PHONE = "document.querySelector('[data-user=demo-ada] .pushes')"
POST = "document.querySelector('.post')"
LADDER = [{"channels": ["push"]}, {"channels": ["email", "sms"], "after_s": 1}]
# Elements and their attributes, by name; without those by which the page tells its own states.
MADE_OF = """[...new Set([...document.querySelectorAll('*')].flatMap((one) => [one.localName,
    ...one.getAttributeNames().filter((name) => !/^(aria|data)-|^(class|disabled|hidden)$/.test(name))
        .map((name) => `${one.localName} ${name}`)]))].sort()"""


async def made_of(demo: Demo) -> set[str]:
    return set(await demo.tab.run(MADE_OF))


async def is_only_text(demo: Demo, before: set[str]) -> None:
    """The page is made of what it was made of before, nothing ran or was loaded, and it is still the demo."""
    assert await made_of(demo) <= before
    assert await demo.tab.run("[document.title, location.pathname, typeof owned]") == [
        *("Hark \u00b7 demo", "/demo/", "undefined")
    ]
    assert demo.tab.complaints() == []
    assert [entry for entry in demo.tab.logged() if entry["level"] == "error"] == []


async def texts(demo: Demo, selector: str) -> list[str]:
    found: list[str] = await demo.tab.run(f"[...{GRACE}.querySelectorAll('{selector}')].map((one) => one.textContent)")
    return found


async def test_titles_and_messages_are_texts_in_an_inbox_and_its_toasts(demo: Demo) -> None:
    await demo.customer.send("demo-grace", "Hello", message="How are you?", priority="high")
    await demo.tab.until(f"{GRACE}.querySelector('.toast')")
    before = await made_of(demo)
    for number, text in enumerate(TEXTS, start=2):
        await demo.customer.send("demo-grace", text, message=text, data={"from": text, "kind": text, "order": text})
        await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === {number}")

    assert await texts(demo, ".entry-title") == [*TEXTS[::-1], "Hello"]
    assert await texts(demo, ".entry-message") == [*TEXTS[::-1], "How are you?"]
    assert (await texts(demo, ".toast-text"))[-1] == TEXTS[-1]
    await demo.tab.run(f"{GRACE}.querySelectorAll('.entry .open').forEach((each) => each.click())")
    await demo.tab.until(f"{GRACE}.querySelector('.badge').hidden")
    await is_only_text(demo, before)
    await demo.tab.screenshot("demo-hostile-texts")


async def test_what_one_types_is_text_for_the_other_and_in_the_trace(demo: Demo) -> None:
    await demo.click("form button", ADA)
    await demo.tab.until(f"{GRACE}.querySelector('.toast')")
    before = await made_of(demo)
    await demo.tab.run(f"{ADA}.querySelector('input').value = {msgspec.json.encode(MANY_AT_ONCE).decode()}")
    await demo.click("form button", ADA)
    await demo.tab.until(f"{GRACE}.querySelectorAll('.entry').length === 2")

    assert (await texts(demo, ".entry-message"))[0] == MANY_AT_ONCE
    assert (await texts(demo, ".toast-text"))[-1] == MANY_AT_ONCE
    await demo.tab.until("document.querySelector('.rows').innerText.includes('A device acknowledged it')")
    await is_only_text(demo, before)


async def test_it_is_text_on_a_phone_in_a_mail_and_in_a_text_message(demo: Demo, pushing: Rounds) -> None:
    await demo.click(".lid", ADA)
    await demo.is_said(ADA, "Offline")
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(pushing.serve())
        await is_everywhere(demo, "An honest title")
        before = await made_of(demo)
        await is_everywhere(demo, MANY_AT_ONCE)
        working.cancel()

    await is_only_text(demo, before)


async def is_everywhere(demo: Demo, text: str) -> None:
    """Sends it to Ada, until her phone, her browser, her mailbox and her number have it as it is."""
    await demo.customer.send("demo-ada", text, message=text, ladder=LADDER)
    wanted = msgspec.json.encode(text).decode()
    for place, count in ((PHONE, 1), (POST, 3)):
        await demo.tab.until(
            f"[...{place}.children].filter((one) => one.textContent.includes({wanted})).length === {count}"
        )
