"""The users' phones, which live in Hark's provider simulator. Each user has one, named like the user."""

from operator import attrgetter
from typing import Any

import httpx
import msgspec

from web_demo.call import call

# More than fits on a lock screen.
SHOWN_AT_MOST = 20


class Push(msgspec.Struct, frozen=True):
    """What Hark put into a push, as a service worker would read it."""

    id: str
    seq: int
    title: str
    message: str
    unread: int


class _Delivery(msgspec.Struct, frozen=True):
    payload: Push
    at: str


class Shown(msgspec.Struct, frozen=True):
    """One notification on a phone's screen."""

    push: Push
    at: str


class Devices:
    """Every method raises Away, Unexpected or Refused."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")

    async def subscription(self, user_id: str) -> dict[str, Any]:
        """The phone's PushSubscription, as its browser would give it; the same each time."""
        request = self._http.build_request("POST", f"{self._url}/devices", json={"device": user_id})
        return await call("The push simulator", request, self._http, dict[str, Any])

    async def shown(self, user_id: str, *, after: int) -> list[Shown]:
        """The newest notifications on the screen whose entry comes after the `after`th, in the order of the inbox:
        pushes overtake one another."""
        request = self._http.build_request("GET", f"{self._url}/shown", params={"token": user_id})
        deliveries = await call("The push simulator", request, self._http, list[_Delivery])
        shown = [Shown(delivery.payload, delivery.at) for delivery in deliveries if delivery.payload.seq > after]
        return sorted(shown, key=attrgetter("push.seq"))[-SHOWN_AT_MOST:]
