"""All the devices of one user, from the outside."""

import httpx

from tests.browser import Browser, subscribe
from tests.hub_process import Customer
from tests.phone import Phone, install


class Devices:
    """An iPhone, an Android phone and a browser of one user."""

    def __init__(self, hub: Customer, browser: Browser, phones: list[Phone]) -> None:
        self.hub = hub
        self.browser = browser
        self.phones = phones
        self.all: list[Browser | Phone] = [browser, *phones]

    async def register(self) -> None:
        await self.hub.register("ada", self.browser.subscription)
        for phone in self.phones:
            await self.hub.register_phone("ada", phone.platform, phone.token)

    async def heard(self) -> list[int]:
        """How many messages each was sent."""
        return [len(await device.heard()) for device in self.all]

    async def show(self) -> list[int]:
        """How many notifications each shows."""
        return [len(await device.shows()) for device in self.all]


async def buy(hub: Customer, http: httpx.AsyncClient) -> Devices:
    """New ones of ada's, registered."""
    phones = [await install(http, platform=platform) for platform in ("ios", "android")]
    made = Devices(hub, await subscribe(http), phones)
    await made.register()
    return made


async def read(hub: Customer, *seqs: int) -> None:
    """On a device of ada's that has no pushes."""
    async with hub.online("ada") as page:
        await page.say("read", seqs=list(seqs))
        assert (await page.heard())["state"] == "read"
