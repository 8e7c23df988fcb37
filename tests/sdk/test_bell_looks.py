"""How `<hark-bell>` looks, on pages that say so: their colours, their variables, their rules for its parts."""

import re

import pytest

import sdk
from tests.hub_process import Customer
from tests.sdk.bell import BELL, ROOT, counts, open_all
from tests.sdk.chromium import Tab, needs_chromium
from tests.sdk.shop import Shop

CSS = (sdk.JS / "bell-style.js").read_text()
VARIABLES = set(re.findall(r"var\((--hark-[a-z-]+)", CSS))
MADE = "".join((sdk.JS / name).read_text() for name in ("bell.js", "bell-parts.js"))
PARTS = set(re.findall(r'part: "(\w+)"', MADE))
VALUES = {"font": "italic 21px serif", "layer": "77", "radius": "7px", "width": "277px", "height": "277px"}
SHOWN = {"font": "21px"}
HAS = f"""(value) => [...{ROOT}.querySelectorAll('*')].some((one) => {{
    const style = getComputedStyle(one);
    return [...style].some((name) => style.getPropertyValue(name).includes(value));
}})"""
BLOCKS = {"dark": CSS.partition("`;")[0], "light": CSS.partition("export const CSS")[2].partition("}")[0]}
COLOURS: dict[str, dict[str, str]] = {
    scheme: dict(re.findall(r"--([a-z-]+): var\(--hark-[a-z-]+, (#\w+)\)", block)) for scheme, block in BLOCKS.items()
}


def brightness(colour: str) -> float:
    """Relative luminance, by WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", COLOURS)
def test_every_text_is_readable_on_its_ground(scheme: str) -> None:
    colours = COLOURS[scheme]
    pairs = [(text, on) for text in ("text", "muted") for on in ("background", "unread", "hover")]
    for text, on in [
        *pairs,
        ("accent", "background"),
        ("accent", "hover"),
        ("on-badge", "badge"),
        ("on-accent", "accent"),
    ]:
        bright, dim = sorted((brightness(colours[text]), brightness(colours[on])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (text, on)


@needs_chromium
async def test_every_variable_and_every_part_is_the_pages(ada: Tab, place: tuple[Customer, Shop]) -> None:
    hub, _ = place
    scales = {part: f"0.{number}" for number, part in enumerate(sorted(PARTS), start=1)}
    rules = " ".join(f"hark-bell::part({part}) {{ scale: {scale}; }}" for part, scale in scales.items())
    await ada.run(
        f"document.adoptedStyleSheets = [new CSSStyleSheet()], document.adoptedStyleSheets[0].replace('{rules}')"
    )
    for number in (1, 2):
        await hub.send("ada", f"title {number}")
    await counts(ada, 2)
    styled = f"[...{ROOT}.querySelectorAll('[part]')].map((one) => [one.part.value, getComputedStyle(one).scale])"
    found = dict(await ada.run(styled))
    await open_all(ada, 2)
    assert found | dict(await ada.run(styled)) == scales

    await ada.run(f"{ROOT}.querySelector('li:last-child .item').click()")
    over = await ada.run(f"{ROOT}.querySelector('li:last-child .title').getBoundingClientRect().toJSON()")
    await ada.ask("Input.dispatchMouseEvent", type="mouseMoved", x=over["x"] + 2, y=over["y"] + 2)
    for variable in VARIABLES:
        name = variable.removeprefix("--hark-")
        value = VALUES.get(name, "rgb(1, 2, 3)")
        await ada.run(f"document.documentElement.style.setProperty('{variable}', '{value}')")
        assert await ada.run(f"({HAS})('{SHOWN.get(name, value)}')"), variable
        await ada.run(f"document.documentElement.style.removeProperty('{variable}')")


@needs_chromium
async def test_it_is_dark_or_light_as_it_is_told_and_its_bell_is_as_the_page(ada: Tab) -> None:
    await ada.run(f"{BELL}.click()")
    ground = f"getComputedStyle({ROOT}.querySelector('.panel')).backgroundColor"
    bell = f"getComputedStyle({BELL}).color"
    for scheme, other in (("light", "dark"), ("dark", "light")):
        await ada.is_in(scheme)
        assert await ada.run(f"{bell} === getComputedStyle(document.body).color")
        own = await ada.run(ground)
        await ada.run(f"document.querySelector('hark-bell').setAttribute('theme', '{other}')")
        told = await ada.run(ground)
        await ada.is_in(other)
        await ada.run("document.querySelector('hark-bell').removeAttribute('theme')")
        assert told == await ada.run(ground) != own

    await ada.is_in("dark")
    await ada.run("document.querySelector('meta[name=color-scheme]').remove()")  # a page that is always light
    assert await ada.run(bell) == "rgb(0, 0, 0)"
