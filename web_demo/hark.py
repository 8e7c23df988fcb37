"""Hark's REST API, as much of it as the demo needs. The only file that holds the API key."""

from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from web_demo.call import call

Answer = TypeVar("Answer")

APP = "web_demo"  # marks the demo's own sessions


class Token(msgspec.Struct, frozen=True):
    """With which a browser opens the socket as one user."""

    token: str


class Accepted(msgspec.Struct, frozen=True):
    """A notification is stored."""

    notification_id: str


class Line(msgspec.Struct, frozen=True):
    """How far a notification has come for one user; times are as Hark gives them, or null."""

    user_id: str
    state: str
    accepted_at: str
    delivered_at: str | None
    pushed_at: str | None
    seen_at: str | None
    read_at: str | None
    failed_at: str | None
    failure: str | None


class _Status(msgspec.Struct, frozen=True):
    users: list[Line]


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

    async def send(self, user_id: str, *, title: str, message: str, priority: str, sender: str | None) -> Accepted:
        """Sends one notification; `sender` is who it is from, as the demo's page shows it."""
        body = {"user_id": user_id, "title": title, "message": message, "priority": priority}
        return await self._call("POST", "/notifications", Accepted, body | {"data": {"from": sender} if sender else {}})

    async def status(self, notification_id: str) -> list[Line]:
        """One line a user."""
        status = await self._call("GET", f"/notifications/{quote(notification_id, safe='')}/status", _Status)
        return status.users

    async def register(self, user_id: str, subscription: object) -> None:
        """Makes `subscription` the one device that the demo has registered for the user.

        Says it again as often as you like. Devices of an earlier simulator, at another port, are unregistered:
        nobody would answer there.
        """
        device = {"user_id": user_id, "platform": "web", "device_token": subscription, "app": APP}
        current = await self._call("POST", "/sessions", _Session, device)
        known = await self._call("GET", f"/sessions/{quote(user_id, safe='')}", _Sessions)
        for session in known.sessions:
            if session.app == APP and session.session_id != current.session_id:
                await self._call("DELETE", f"/sessions/{quote(user_id, safe='')}/{session.session_id}", type(None))

    async def _call(self, method: str, path: str, shape: type[Answer], body: object = None) -> Answer:
        request = self._http.build_request(
            method,
            f"{self._url}/api/v1{path}",
            headers={"Authorization": self._authorization},
            json=body,
        )
        return await call("Hark", request, self._http, shape)
