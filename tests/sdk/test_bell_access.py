"""`<hark-bell>` for everybody: by keys, to a screen reader, from right to left, in other words than English."""

import msgspec

from tests.hub_process import Customer
from tests.sdk.bell import BADGE, BELL, LIVE, ROOT, counts, open_all, titles
from tests.sdk.chromium import Chromium, Tab, needs_chromium
from tests.sdk.shop import Shop

pytestmark = needs_chromium

TOLD = f"{ROOT}.querySelector('.told').textContent"
FOCUSED = f"{ROOT}.activeElement"
ENTRIES = f"{ROOT}.querySelectorAll('li').length"
WORDS = """document.querySelector('hark-bell').texts = Object.fromEntries(%s.map((name) => [name,
    ["count", "many", "wasArchived", "wasUnarchived"].includes(name) ? (what) => `<${name} ${what}>` : `<${name}>`]))"""
SAID = f"""[...{ROOT}.querySelectorAll(':not(time, .badge)')].flatMap((one) => [one.ariaLabel, one.title,
    ...[...one.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data)])
    .map((text) => text?.trim()).filter(Boolean)"""
NAMES = (
    *("bell", "count", "markAllRead", "unread", "all", "archived", "unreadEntry", "nothing", "nothingUnread"),
    *(
        "nothingArchived",
        "archive",
        "unarchive",
        "wasArchived",
        "wasUnarchived",
        "many",
        "dismiss",
        "offline",
        "stopped",
    ),
)


async def middle(tab: Tab, selector: str) -> float:
    """Where it is, from the left."""
    found: float = await tab.run(
        f"(({{ left, right }}) => (left + right) / 2)({ROOT}.querySelector('{selector}').getBoundingClientRect())"
    )
    return found


async def test_what_comes_without_a_toast_is_told_where_nobody_sees_it(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await ada.run(f"{BELL}.click()")
    await hub.send("ada", "while it is open")
    await ada.until(f"{TOLD} === 'while it is open'")
    assert await ada.run(f"{ROOT}.querySelector('.told').role") == "status"
    await ada.press("Escape")
    assert await ada.run(TOLD) == ""

    await ada.run("document.querySelector('hark-bell').setAttribute('toasts', 'off')")
    await hub.send("ada", "on a page without toasts")
    await ada.until(f"{TOLD} === 'on a page without toasts'")
    assert await ada.run(f"{ROOT}.querySelector('.toasts').children.length") == 0


async def test_a_second_toast_does_not_say_the_first_one_again(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    for title in ("one", "two"):
        await hub.send("ada", title)
    await ada.until(f"{ROOT}.querySelectorAll('.toast').length === 2")
    nodes = (await ada.ask("Accessibility.getFullAXTree"))["nodes"]
    [toasts] = [
        {one["name"]: one["value"].get("value") for one in node["properties"]}
        for node in nodes
        if node["role"].get("value") == "status" and any(one["name"] == "live" for one in node["properties"])
        if {child["nodeId"] for child in nodes if child.get("parentId") == node["nodeId"]}
    ]
    assert (toasts["live"], toasts["atomic"]) == ("polite", False)


async def test_escape_closes_it_after_a_click_between_its_controls(ada: Tab) -> None:
    await ada.run(f"{BELL}.click()")
    heading = await ada.run(f"{ROOT}.querySelector('h2').getBoundingClientRect().toJSON()")
    await ada.click(heading["left"] + 5, heading["top"] + 5)
    assert await ada.run(f"!{ROOT}.querySelector('.panel').hidden")
    await ada.press("Escape")
    assert await ada.run(f"{ROOT}.querySelector('.panel').hidden && {FOCUSED} === {BELL}")


async def test_the_focus_is_not_lost_with_an_entry_that_goes_elsewhere(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    for number in (1, 2, 3):
        await hub.send("ada", f"title {number}")
    await counts(ada, 3)
    await ada.run(f"{BELL}.focus()")
    await ada.press("Enter")
    await ada.until(f"{ENTRIES} === 3")
    async with hub.online("ada") as phone:
        await phone.say("archive", seqs=[3])
        await ada.until(f"{ENTRIES} === 2")
        assert "title 2" in await ada.run(f"{FOCUSED}.innerText")
        await phone.say("archive", seqs=[1, 2])
        await ada.until(f"{ENTRIES} === 0")
    assert await ada.run(f"{FOCUSED}.innerText") == "Unread"
    await ada.press("Escape")
    assert await ada.run(f"{FOCUSED} === {BELL}")


async def test_the_focus_is_not_lost_with_a_button_that_has_nothing_to_do(
    ada: Tab, place: tuple[Customer, Shop]
) -> None:
    hub, _ = place
    await hub.send("ada", "one")
    await counts(ada, 1)
    await open_all(ada, 1)
    await ada.run(f"{ROOT}.querySelector('.quiet').focus()")
    async with hub.online("ada") as phone:
        await phone.say("read", seqs=[1])
        await counts(ada, 0)
    assert await ada.run(f"{FOCUSED}.innerText") == "All"


async def test_from_right_to_left_everything_is_the_other_way_round(
    browser: Chromium, place: tuple[Customer, Shop]
) -> None:
    hub, made = place
    for title, message in (("تم شحن طلبك", "يصل يوم الخميس."), ("Order 42", "In English")):
        await hub.send("ada", title, message=message)
    tab = await browser.open(made.url(dir="rtl", lang="ar", heading="متجر"))
    await tab.until(LIVE)
    await hub.send("ada", "تذكير بالدفع")
    await tab.until(f"{ROOT}.querySelector('.toast')")
    assert await middle(tab, ".toast") < 450
    assert await middle(tab, ".toast-close") < await middle(tab, ".toast-text")
    assert await middle(tab, ".badge") < await middle(tab, ".bell")

    await open_all(tab, 3)
    assert await middle(tab, "li .file") < await middle(tab, "li time") < await middle(tab, "li .dot")
    sides = f"[...{ROOT}.querySelectorAll('li .title')].map((one) => getComputedStyle(one).direction)"
    assert await tab.run(sides) == ["rtl", "ltr", "rtl"]
    assert await tab.run(f"{ROOT}.querySelector('li time').textContent") == "الآن"
    await tab.run(f"{ROOT}.querySelector('#tab-all').focus()")
    await tab.press("ArrowLeft")  # onwards
    assert await tab.run(f"{FOCUSED}.id") == "tab-archived"
    await tab.press("ArrowRight")
    assert await tab.run(f"{FOCUSED}.id") == "tab-all"
    assert tab.complaints() == []


async def test_every_word_of_it_may_be_another(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    await ada.run(WORDS % msgspec.json.encode(NAMES).decode())
    said = set(await ada.run(SAID))
    for number in range(2):
        await hub.send("ada", f"title {number}")
        await ada.until(f"{BADGE}.textContent === '{number + 1}'")
    said |= set(await ada.run(SAID))
    for tab in ("all", "unread", "archived"):
        await ada.run(f"{BELL}.getAttribute('aria-expanded') === 'true' || {BELL}.click()")
        await ada.run(f"{ROOT}.querySelector('#tab-{tab}').click()")
        said |= set(await ada.run(SAID))
        while await titles(ada) and tab != "archived":
            await ada.run(f"{ROOT}.querySelector('li .file').click()")
            said |= set(await ada.run(SAID))
    await ada.until(f"{ENTRIES} === 2")
    said |= set(await ada.run(SAID))
    await ada.run(f"{ROOT}.querySelector('li .file').click()")
    said |= set(await ada.run(SAID))
    foreign = {text for text in said if text[0] != "<" and not text.startswith("title ")}
    assert foreign == {"\u00d7"}  # of the button that is called <dismiss>
    unused = {name for name in NAMES if not any(f"<{name}" in text for text in said)}
    assert unused == {"many", "offline", "stopped"}  # there was no crowd, and the hub was there
