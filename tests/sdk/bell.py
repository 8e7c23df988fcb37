"""Where the parts of a page's bell are, and what it shows, whatever the browser."""

from typing import Any, Protocol

HARK = "document.querySelector('hark-bell').hark"
LIVE = f"{HARK}?.state.name === 'live'"
ROOT = "document.querySelector('hark-bell').shadowRoot"
BELL = f"{ROOT}.querySelector('.bell')"
BADGE = f"{ROOT}?.querySelector('.badge')"

_OWN = {"button", "div", "h2", "li", "p", "path", "span", "svg", "time", "ul"}  # its elements
_ELEMENTS = f"[...{ROOT}.querySelectorAll('*')].map(({{ localName }}) => localName)"
_ARE_BARE = f"""[...{ROOT}.querySelectorAll('.title, .message, .toast-title, .toast-message')].every((one) =>
    one.getAttributeNames().every((name) => ['class', 'dir', 'hidden'].includes(name)) && !one.children.length)"""
_SHOWN = f"""[...{ROOT}.querySelectorAll('li')].map((one) => ['title', 'message'].map((part) =>
    one.querySelector(`.${{part}}`).textContent))"""


class Page(Protocol):
    """With a bell on it."""

    async def run(self, script: str) -> Any: ...

    async def until(self, condition: str) -> None: ...


async def counts(page: Page, unread: int) -> None:
    """Until the badge does."""
    await page.until(f"{BADGE}.hidden" if unread == 0 else f"{BADGE}.textContent === '{unread}'")


async def open_all(page: Page, entries: int) -> None:
    """Opens it at the list of everything, until that has so many entries."""
    await page.run(f"{BELL}.click()")
    await page.run(f"{ROOT}.querySelector('#tab-all').click()")
    await page.until(f"{ROOT}.querySelectorAll('li').length === {entries}")


async def titles(page: Page) -> list[str]:
    """Of its list."""
    found: list[str] = await page.run(f"[...{ROOT}.querySelectorAll('li .title')].map((one) => one.textContent)")
    return found


async def shown(page: Page) -> list[list[str]]:
    """Titles and messages of its list."""
    found: list[list[str]] = await page.run(_SHOWN)
    return found


async def holds_only_text(page: Page) -> None:
    """Nothing is there that the bell did not make, no text has run, and the page is still the shop's."""
    assert set(await page.run(_ELEMENTS)) <= _OWN
    assert await page.run(_ARE_BARE)
    found = await page.run("[document.title, location.pathname, typeof owned, ({}).owned === undefined]")
    assert found == ["A shop", "/", "undefined", True]
