"""The demo in a real browser, and the hub behind it."""

from contextlib import AsyncExitStack

from hub.settings import Settings
from tests.hub_process import Customer
from tests.sdk.chromium import Tab
from tests.sdk.mortal_hub import killed_in_the_end

ADA, GRACE = (f"document.querySelector('.laptop[data-role={role}]')" for role in ("buyer", "seller"))
DESKTOP = {"width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": False}


class Demo:
    """A page of the demo, and the hub behind it."""

    def __init__(
        self, tab: Tab, customer: Customer, hub: AsyncExitStack, settings: Settings, port: int, **env: str
    ) -> None:
        self.tab = tab
        self.customer = customer  # whose key the demo has
        self._hub = hub
        self._settings = settings
        self._port = port
        self._env = env

    async def start_hub(self) -> None:
        await self._hub.enter_async_context(killed_in_the_end(self._settings, self._port, **self._env))

    async def kill_hub(self) -> None:
        await self._hub.aclose()

    async def is_said(self, laptop: str, text: str) -> None:
        """Until the connection of a laptop is said to be so."""
        await self.tab.until(f"{laptop}.querySelector('.pill-text').textContent === '{text}'")

    async def click(self, selector: str, laptop: str = "document") -> None:
        await self.tab.run(f"{laptop}.querySelector('{selector}').click()")

    async def titles(self, laptop: str) -> list[str]:
        """In the inbox, newest first."""
        found: list[str] = await self.tab.run(
            f"[...{laptop}.querySelectorAll('.entry-title')].map((each) => each.textContent)"
        )
        return found
