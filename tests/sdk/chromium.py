"""A real browser without a screen, over the Chrome DevTools Protocol: what a person at it can do and see."""

import asyncio
import base64
import contextlib
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.sdk.browser_process import browser_process
from tests.sdk.screenshots import keep

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"),
)
KEYS = {"Enter": 13, "Escape": 27, "End": 35, "Home": 36, "Tab": 9} | {
    f"Arrow{way}": 37 + number for number, way in enumerate(("Left", "Up", "Right", "Down"))
}

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium (the hub does not need it)"
)


class ProtocolError(Exception):
    """The browser did not do what it was asked, as when a page has gone meanwhile."""


class Chromium:
    """One running browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.heard: list[dict[str, Any]] = []  # events of the protocol

    async def listen(self) -> None:
        async for text in self._socket:
            said = msgspec.json.decode(text)
            if "id" in said:
                self._waiting.pop(said["id"]).set_result(said)
            else:
                self.heard.append(said)
                if said["method"] == "Page.javascriptDialogOpening":  # nothing moves on the page while it is open
                    self._dismissing = asyncio.ensure_future(
                        self.ask("Page.handleJavaScriptDialog", said["sessionId"], accept=False)
                    )

    async def ask(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": given} | ({"sessionId": session} if session else {})
        waiting = self._waiting[number]
        await self._socket.send(msgspec.json.encode(message).decode())
        answer = await waiting
        if "error" in answer:
            raise ProtocolError(method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str) -> "Tab":
        """A new tab, once its page is loaded."""
        target = await self.ask("Target.createTarget", url="about:blank")
        attached = await self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = Tab(self, attached["sessionId"])
        await tab.ask("Page.enable")
        await tab.ask("Runtime.enable")
        await tab.ask("Log.enable")
        await tab.ask("Emulation.setDeviceMetricsOverride", width=900, height=700, deviceScaleFactor=1, mobile=False)
        await tab.go(url)
        return tab


class Tab:
    """One page in it."""

    def __init__(self, chromium: Chromium, session: str) -> None:
        self.chromium = chromium
        self._session = session

    async def ask(self, method: str, **given: Any) -> dict[str, Any]:
        return await self.chromium.ask(method, self._session, **given)

    async def go(self, url: str) -> None:
        await self.ask("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def reload(self) -> None:
        await self.run("window.isOld = true")
        await self.ask("Page.reload")
        await self.until("!window.isOld && document.readyState === 'complete'")

    async def run(self, script: str) -> Any:
        """The value of an expression, or of its promise."""
        given = {"expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        result = await self.ask("Runtime.evaluate", **given)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def _value(self, script: str) -> Any:
        try:
            return await self.run(script)
        except ProtocolError:
            return None

    async def until(self, condition: str) -> None:
        """Waits until it is true in the page; the test's time limit is the deadline."""
        looking = f"""new Promise((done) => {{
            const look = (times) => {condition} ? done(true) : times ? setTimeout(look, 10, times - 1) : done(false);
            look(100);
        }})"""
        while not await self._value(looking):
            pass  # the page waits; or another page has come

    async def press(self, key: str) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        given = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **given, **text)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **given)

    async def click(self, x: float, y: float) -> None:
        """As with a mouse."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def is_in(self, scheme: str) -> None:
        """The system's colour scheme: `light` or `dark`."""
        await self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def screenshot(self, name: str) -> None:
        shot = await self.ask("Page.captureScreenshot", format="png")
        await keep(name, base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        """What it threw, what its console says that is no mere log, and each dialog. That a hub is away is none."""
        thrown = self._told("Runtime.exceptionThrown")
        called = [one for one in self._told("Runtime.consoleAPICalled") if one["type"] in {"error", "assert"}]
        policy = [one for one in self.logged() if one["level"] == "error" and one["source"] != "network"]
        return [str(one) for one in thrown + called + policy + self._told("Page.javascriptDialogOpening")]

    def logged(self) -> list[dict[str, Any]]:
        """What the browser itself wrote to its console: what it would not run or load, and why."""
        return [one["entry"] for one in self._told("Log.entryAdded")]

    def forget(self) -> None:
        """That anything was told of it."""
        self.chromium.heard = [said for said in self.chromium.heard if said.get("sessionId") != self._session]

    def _told(self, method: str) -> list[dict[str, Any]]:
        mine = [said for said in self.chromium.heard if said.get("sessionId") == self._session]
        return [said["params"] for said in mine if said["method"] == method]


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    """A browser with nothing stored."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as profile:
        command = (CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank")
        async with (
            browser_process(command, profile=profile, says=b"DevTools listening on ") as url,
            connect(url, max_size=None, proxy=None) as socket,
        ):
            browser = Chromium(socket)
            listening = asyncio.ensure_future(browser.listen())
            yield browser
            listening.cancel()
