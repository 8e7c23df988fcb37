"""A real Firefox without a screen, over WebDriver BiDi. Its pushes come from a push service of the test's own."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

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

    async def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        wanted = PREFERENCES | {"dom.push.serverURL": push_service}
        lines = [f"user_pref({_json(name)}, {_json(value)});\n" for name, value in wanted.items()]
        await asyncio.to_thread(Path(profile, "user.js").write_text, "".join(lines))
        process = await asyncio.create_subprocess_exec(
            *(FIREFOX, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"),
            env={**os.environ, "HOME": profile, "MOZ_HEADLESS": "1"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # its own processes end with it
        )
        assert process.stderr is not None
        try:
            while b"WebDriver BiDi listening on " not in (line := await process.stderr.readline()):
                assert line, "Firefox ended before it was ready"
            reading = asyncio.ensure_future(process.stderr.read())
            async with connect(line.decode().split()[-1] + "/session", max_size=None, proxy=None) as socket:
                browser = Firefox(socket)
                await browser.begin()
                yield browser
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # it would save what nobody reads
            await process.wait()
        await reading


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
