"""What the shop's people have besides their laptops: phones, browsers that take pushes, mailboxes and numbers.

They live in Hark's provider simulator.
"""

from typing import Any, Literal, TypeVar

import httpx
import msgspec

from web_demo.call import call
from web_demo.shop import PEOPLE, Person

Answer = TypeVar("Answer")
Kind = Literal["phone", "browser", "email", "sms"]


class Device(msgspec.Struct, frozen=True):
    """As it is registered with Hark."""

    platform: str
    device_token: Any
    """A string, or a browser's PushSubscription."""


class Card(msgspec.Struct, frozen=True):
    """One notification, mail or text; plain text."""

    title: str
    text: str
    at: str


class _Screen(msgspec.Struct, frozen=True):
    shown: list[Card]
    gone_since: str | None = None


class _Screens(msgspec.Struct, frozen=True):
    devices: list[_Screen]


class _DeviceToken(msgspec.Struct, frozen=True):
    device_token: str


class Screen(msgspec.Struct, frozen=True):
    """What one of a person's devices shows, newest first."""

    user_id: str
    kind: Kind
    gone: bool
    shown: list[Card]


class Devices:
    """Every method raises Away, Unexpected or Refused."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._tokens: dict[str, str] = {}  # of phones, by person: always the same

    async def of(self, person: Person) -> list[Device]:
        """The phone and the browser; who had deleted the app has it again."""
        subscription = await self._ask("POST", "/devices", dict[str, Any], json={"device": person.id})
        return [Device(person.platform, await self._phone(person)), Device("web", subscription)]

    async def screens(self) -> list[Screen]:
        """Of everybody, all kinds."""
        places: list[tuple[str, Kind, str]] = []
        for person in PEOPLE.values():
            token = self._tokens.get(person.id) or await self._phone(person)
            places += [(person.id, "phone", token), (person.id, "browser", person.id)]
            places += [(person.id, "email", person.email), (person.id, "sms", person.phone)]
        tokens = [token for _, _, token in places]
        found = (await self._ask("GET", "/screens", _Screens, params={"token": tokens})).devices
        return [
            Screen(user_id, kind, screen.gone_since is not None, screen.shown)
            for (user_id, kind, _), screen in zip(places, found, strict=True)
        ]

    async def _phone(self, person: Person) -> str:
        wanted = {"device": person.id, "platform": person.platform}
        token = (await self._ask("POST", "/devices", _DeviceToken, json=wanted)).device_token
        self._tokens[person.id] = token
        return token

    async def _ask(self, method: str, path: str, shape: type[Answer], **given: Any) -> Answer:
        request = self._http.build_request(method, self._url + path, **given)
        return await call("The push simulator", request, self._http, shape)
