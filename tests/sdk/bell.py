"""Where the parts of a page's bell are, and what it shows."""

from tests.sdk.chromium import Tab

HARK = "document.querySelector('hark-bell').hark"
LIVE = f"{HARK}?.state.name === 'live'"
ROOT = "document.querySelector('hark-bell').shadowRoot"
BELL = f"{ROOT}.querySelector('.bell')"
BADGE = f"{ROOT}?.querySelector('.badge')"


async def counts(tab: Tab, unread: int) -> None:
    """Until the badge does."""
    await tab.until(f"{BADGE}.hidden" if unread == 0 else f"{BADGE}.textContent === '{unread}'")


async def open_all(tab: Tab, entries: int) -> None:
    """Opens it at the list of everything, until that has so many entries."""
    await tab.run(f"{BELL}.click()")
    await tab.run(f"{ROOT}.querySelector('#tab-all').click()")
    await tab.until(f"{ROOT}.querySelectorAll('li').length === {entries}")


async def titles(tab: Tab) -> list[str]:
    """Of its list."""
    found: list[str] = await tab.run(f"[...{ROOT}.querySelectorAll('li .title')].map((one) => one.textContent)")
    return found
