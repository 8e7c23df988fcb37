"""A simulated phone from the outside: what a person with it in hand can do and see."""

from typing import Any

import httpx
import msgspec

from delivery.message import Platform, Target
from tests.browser import Heard


class _Screen(msgspec.Struct, frozen=True):
    badge: int | None


class _Screens(msgspec.Struct, frozen=True):
    devices: list[_Screen]


class Phone:
    """One app on it, by the device token it got."""

    def __init__(self, http: httpx.AsyncClient, platform: Platform, token: str, *, provider: str | None = None) -> None:
        self._http = http
        self.platform = platform
        self.channel = provider or {"ios": "apns", "android": "fcm"}[platform]
        self.token = token

    @property
    def target(self) -> Target:
        """What a worker knows of it."""
        return Target(self.channel, self.token, platform=self.platform)

    async def heard(self) -> list[Heard]:
        return await self._look("/deliveries")

    async def shows(self) -> list[Heard]:
        return await self._look("/shown")

    async def badge(self) -> int | None:
        """The number on the app's icon."""
        answer = await self._http.get("/screens", params={"token": self.token})
        [screen] = msgspec.json.decode(answer.content, type=_Screens).devices
        return screen.badge

    async def heard_one(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The payload and the headers of the only push."""
        [push] = await self.heard()
        assert isinstance(push.payload, dict)
        return push.payload, push.headers

    async def text(self) -> tuple[str, str]:
        """Title and message of the only push."""
        payload, _ = await self.heard_one()
        shown = payload["aps"]["alert"] if self.channel == "apns" else payload["notification"]
        return shown["title"], shown["body"]

    async def data(self) -> object:
        """What the app is given with the only push."""
        payload, _ = await self.heard_one()
        hark = payload["hark"] if self.channel == "apns" else msgspec.json.decode(payload["data"]["hark"])
        return hark["data"]

    async def deletes_the_app(self) -> None:
        (await self._http.delete("/devices", params={"token": self.token})).raise_for_status()

    async def meets(self, **fault: object) -> None:
        """The next push to this phone meets a fault of the push service."""
        (await self._http.post("/faults", json={"device": self.token, **fault})).raise_for_status()

    async def _look(self, path: str) -> list[Heard]:
        answer = await self._http.get(path, params={"token": self.token})
        return msgspec.json.decode(answer.content, type=list[Heard])


async def install(http: httpx.AsyncClient, *, platform: Platform, provider: str | None = None) -> Phone:
    """A new phone with the app on it; an iPhone's app may have Firebase."""
    answer = await http.post("/devices", json={"platform": platform, "provider": provider})
    return Phone(http, platform, answer.raise_for_status().json()["device_token"], provider=provider)
