"""A real Firefox without a screen, over WebDriver BiDi. Its pushes come from a push service of the test's own."""

import asyncio
import base64
import contextlib
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.sdk.browser_process import browser_process
from tests.sdk.screenshots import keep

ANSWER_WITHIN_S = 20

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)

needs_firefox = pytest.mark.skipif(
    FIREFOX is None, reason="there is no Firefox here: apt-get install firefox-esr (the hub does not need it)"
)

PREFERENCES: Mapping[str, object] = {
    "dom.push.connection.enabled": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "permissions.default.desktop-notification": 1,  # the user allows notifications
    "alerts.useSystemBackend": False,  # there may be no desktop to show them
    # It calls nobody else, and does not think that it is offline.
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "toolkit.telemetry.enabled": False,
}


class FirefoxError(Exception):
    """It did not do what it was asked."""


class Firefox:
    """One running browser and its one tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._tab = ""

    async def begin(self) -> None:
        await self._ask("session.new", capabilities={})
        self._tab = (await self._ask("browsingContext.getTree"))["contexts"][0]["context"]

    async def go(self, url: str) -> None:
        await self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def run(self, script: str) -> Any:
        """What the promise of an expression gives, through JSON."""
        said = await self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({script}).then((value) => JSON.stringify(value ?? null))",
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        if said["type"] != "success":
            raise FirefoxError(said["exceptionDetails"]["text"])
        return msgspec.json.decode(said["result"]["value"])

    async def until(self, condition: str) -> None:
        """Waits until it, or its promise, is true in the page; the test's time limit is the deadline."""
        looking = f"""(async () => {{
            for (let times = 100; times; times--) {{
                if (await ({condition})) return true;
                await new Promise((done) => setTimeout(done, 10));
            }}
            return false;
        }})()"""
        while not await self.run(looking):
            pass  # the page waits

    async def screenshot(self, name: str) -> None:
        shot = await self._ask("browsingContext.captureScreenshot", context=self._tab)
        await keep(name, base64.b64decode(shot["data"]))

    async def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._socket.send(msgspec.json.encode({"id": number, "method": method, "params": given}).decode())
            while (said := msgspec.json.decode(await self._socket.recv())).get("id") != number:
                pass  # an event
        if said["type"] == "error":
            raise FirefoxError(method, said["message"])
        result: dict[str, Any] = said["result"]
        return result


@contextlib.asynccontextmanager
async def firefox(push_service: str) -> AsyncIterator[Firefox]:
    """A browser with nothing stored, whose push service is at this WebSocket URL."""
    assert FIREFOX is not None
    with tempfile.TemporaryDirectory() as profile:
        wanted = {**PREFERENCES, "dom.push.serverURL": push_service}
        lines = [f"user_pref({_json(name)}, {_json(value)});\n" for name, value in wanted.items()]
        await asyncio.to_thread(Path(profile, "user.js").write_text, "".join(lines))
        command = (FIREFOX, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0")
        async with (
            browser_process(command, profile=profile, says=b"WebDriver BiDi listening on ") as url,
            connect(f"{url}/session", max_size=None, proxy=None) as socket,
        ):
            browser = Firefox(socket)
            await browser.begin()
            yield browser


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
