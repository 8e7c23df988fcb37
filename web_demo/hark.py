"""Hark's REST API, as much of it as the demo needs. The only file that holds the API key."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from web_demo.call import call
from web_demo.devices import Device
from web_demo.shop import Draft, Person

Answer = TypeVar("Answer")

APP = "web_demo"  # marks the demo's own sessions


class Token(msgspec.Struct, frozen=True):
    """With which a browser opens the socket as one user."""

    token: str


class Accepted(msgspec.Struct, frozen=True):
    """A notification is stored."""

    notification_id: str


class Attempt(msgspec.Struct, frozen=True):
    """One call at a provider."""

    step: int
    session_id: str
    channel: str
    number: int
    started_at: str
    finished_at: str | None
    outcome: str | None


class Status(msgspec.Struct, frozen=True):
    """How far a notification has come for one user; times are as Hark gives them, or null."""

    user_id: str
    state: str
    accepted_at: str
    delivered_at: str | None
    seen_at: str | None
    read_at: str | None
    archived_at: str | None
    failed_at: str | None
    attempts: list[Attempt]


class Line(msgspec.Struct, frozen=True):
    """One fact of the way it went, in Hark's words."""

    step: int
    what: str
    at: str | None = None
    channel: str | None = None
    target_id: str | None = None


class _Explained(msgspec.Struct, frozen=True):
    lines: list[Line]


class _Status(msgspec.Struct, frozen=True):
    users: list[Status]


class _Session(msgspec.Struct, frozen=True):
    session_id: str
    app: str


class _Sessions(msgspec.Struct, frozen=True):
    sessions: list[_Session]


class Hark:
    """Every method raises Away, Unexpected or Refused."""

    def __init__(self, http: httpx.AsyncClient, url: str, api_key: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._authorization = f"Bearer {api_key}"

    async def token(self, user_id: str) -> Token:
        """A user token, valid for a while."""
        return await self._call("POST", "/tokens", Token, {"user_id": user_id})

    async def send(self, body: Draft, *, key: str) -> Accepted:
        """Stores one notification; said again with the same key, it is done once."""
        return await self._call("POST", "/notifications", Accepted, body, {"Idempotency-Key": key})

    async def status(self, notification_id: str) -> list[Status]:
        """One line a user."""
        status = await self._call("GET", f"/notifications/{_part(notification_id)}/status", _Status)
        return status.users

    async def explain(self, notification_id: str, user_id: str) -> list[Line]:
        """What happened to one user's copy, and what is to come."""
        path = f"/notifications/{_part(notification_id)}/explain?user_id={_part(user_id)}"
        return (await self._call("GET", path, _Explained)).lines

    async def reach(self, person: Person) -> None:
        """Says where mails and texts reach somebody."""
        contacts = {"email": person.email, "phone": person.phone}
        await self._call("PUT", f"/users/{_part(person.id)}", dict[str, Any], contacts)

    async def register(self, user_id: str, devices: Iterable[Device]) -> None:
        """Makes these the devices that the demo has registered for the user.

        Says it again as often as you like. Devices of an earlier simulator, at another port, are unregistered:
        nobody would answer there.
        """
        current = set()
        for device in devices:
            body = msgspec.to_builtins(device) | {"user_id": user_id, "app": APP}
            current.add((await self._call("POST", "/sessions", _Session, body)).session_id)
        known = await self._call("GET", f"/sessions/{_part(user_id)}", _Sessions)
        for session in known.sessions:
            if session.app == APP and session.session_id not in current:
                await self._call("DELETE", f"/sessions/{_part(user_id)}/{session.session_id}", type(None))

    async def _call(
        self,
        method: str,
        path: str,
        shape: type[Answer],
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        request = self._http.build_request(
            method,
            f"{self._url}/api/v1{path}",
            headers={"Authorization": self._authorization, "Content-Type": "application/json", **(headers or {})},
            content=None if body is None else msgspec.json.encode(body),
        )
        return await call("Hark", request, self._http, shape)


def _part(text: str) -> str:
    """Of a path or a query."""
    return quote(text, safe="")
