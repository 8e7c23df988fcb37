"""A hub on real uvicorn, Postgres and Valkey inside the test's own process, and a customer's view of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import msgspec
from asyncpg import Record

from hub.serve import bind, server
from hub.settings import Settings
from hub.store import api_keys
from tests.device import Device, device
from tests.encryption import VAULT
from tests.listener import Listener, listener
from tests.openapi import is_documented


class Customer:
    """A back end that has an API key of this hub, and devices that connect to it."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.http = http

    async def send(self, user_id: str | list[str], title: str = "Hello", **fields: Any) -> str:
        """Sends and gives the notification's id."""
        to = {"user_id": user_id} if isinstance(user_id, str) else {"user_ids": user_id}
        answer = await self.http.post("/api/v1/notifications", json={**to, "title": title, **fields})
        assert answer.status_code == 202, answer.text
        notification_id: str = answer.json()["notification_id"]
        return notification_id

    async def token(self, user_id: str) -> str:
        answer = await self.http.post("/api/v1/tokens", json={"user_id": user_id})
        token: str = answer.raise_for_status().json()["token"]
        return token

    @contextlib.asynccontextmanager
    async def online(self, user_id: str, **hello: Any) -> AsyncIterator[Device]:
        """A device of the user; its welcome was heard."""
        async with device(self.url, await self.token(user_id), **hello) as found:
            welcome = await found.heard()
            assert welcome["t"] == "welcome", welcome
            yield found

    @contextlib.asynccontextmanager
    async def listening(self, user_id: str, after: str | None = None, **query: Any) -> AsyncIterator[Listener]:
        """A device of the user that hears an event stream; its welcome was heard."""
        async with listener(self.url, await self.token(user_id), after, **query) as found:
            welcome = await found.heard()
            assert welcome["t"] == "welcome", welcome
            yield found

    async def status(self, notification_id: str) -> list[dict[str, Any]]:
        """Every user's line."""
        answer = await self.http.get(f"/api/v1/notifications/{notification_id}/status", params={"limit": 1000})
        users: list[dict[str, Any]] = answer.raise_for_status().json()["users"]
        return users

    async def reaches(self, notification_id: str, state: str) -> dict[str, Any]:
        """The one user's line once it is in this state; the test's time limit is the deadline."""
        while True:
            [line] = await self.status(notification_id)
            if line["state"] == state:
                return line
            await asyncio.sleep(0.01)

    async def register(self, user_id: str, subscription: str) -> str:
        """Registers a browser for pushes and gives the session's id."""
        return await self._register(user_id, "web", msgspec.json.decode(subscription))

    async def register_phone(
        self, user_id: str, platform: str, token: str, *, app: str = "", provider: str | None = None
    ) -> str:
        """Registers an app on a phone for pushes and gives the session's id."""
        return await self._register(user_id, platform, token, app=app, provider=provider)

    async def add_webhook(self, url: str, **fields: Any) -> dict[str, Any]:
        """Registers an endpoint and gives what was answered, the secret included."""
        answer = await self.http.post("/api/v1/webhooks", json={"url": url, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def webhook(self, webhook_id: str) -> dict[str, Any]:
        """How it fares."""
        found: dict[str, Any] = (await self.http.get(f"/api/v1/webhooks/{webhook_id}")).raise_for_status().json()
        return found

    async def _register(self, user_id: str, platform: str, token: object, **more: str | None) -> str:
        session = {"user_id": user_id, "platform": platform, "device_token": token, **more}
        answer = await self.http.post("/api/v1/sessions", json=session)
        session_id: str = answer.raise_for_status().json()["session_id"]
        return session_id


@contextlib.asynccontextmanager
async def running_hub(settings: Settings, pool: "asyncpg.Pool[Record]") -> AsyncIterator[Customer]:
    """A hub on a free port; the settings' own port does not count."""
    listener = bind(settings.hub.host, 0)
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    uvicorn_server = server(settings)
    key = await api_keys.create(pool, VAULT, "test", "admin")
    # Not in a task group: when a test fails, the group would cancel uvicorn, which then closes nothing, and the loop
    # would go on watching a file descriptor that belongs to somebody else: no later hub on that number is ever heard.
    serving = asyncio.ensure_future(uvicorn_server._serve(sockets=[listener]))  # serve() would take pytest's Ctrl-C
    try:
        async with httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, event_hooks={"response": [is_documented]}
        ) as http:
            await http.get("/health")  # waits in the listening socket until the hub accepts
            yield Customer(url, http)
    finally:
        uvicorn_server.should_exit = True
        await serving
        listener.close()  # uvicorn leaves it open when it is stopped before it has begun
