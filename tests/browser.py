"""A simulated browser from the outside: what a person with it in hand can do and see."""

from datetime import datetime

import httpx
import msgspec


class Heard(msgspec.Struct, frozen=True):
    """One entry of /deliveries or /shown."""

    channel: str
    payload: dict[str, object] | str
    headers: dict[str, str]
    at: datetime


class Browser:
    def __init__(self, http: httpx.AsyncClient, subscription: str) -> None:
        self._http = http
        self.subscription = subscription
        self.endpoint: str = msgspec.json.decode(subscription)["endpoint"]

    async def heard(self) -> list[Heard]:
        return await self._look("/deliveries")

    async def shows(self) -> list[Heard]:
        return await self._look("/shown")

    async def unsubscribe(self) -> None:
        (await self._http.delete(self.endpoint)).raise_for_status()

    async def meets(self, **fault: object) -> None:
        """The next push to this browser meets a fault of the push service."""
        (await self._http.post("/faults", json={"device": self.endpoint, **fault})).raise_for_status()

    async def _look(self, path: str) -> list[Heard]:
        answer = await self._http.get(path, params={"token": self.subscription})
        return msgspec.json.decode(answer.content, type=list[Heard])


async def subscribe(http: httpx.AsyncClient, *, to: str | None = None) -> Browser:
    """A new browser; `to` is the VAPID key that alone may push to it."""
    wanted = {} if to is None else {"applicationServerKey": to}
    answer = await http.post("/devices", json=wanted)
    answer.raise_for_status()
    return Browser(http, answer.text)
