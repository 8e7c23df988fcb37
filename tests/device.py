"""A device from the outside: a WebSocket client that speaks `hark.v1`."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame: TypeAlias = dict[str, Any]


class Device:
    """What a person with the device in hand can do and see. Keeps no state of its own but what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(msgspec.json.encode({"t": kind, **fields}).decode())

    async def say_text(self, text: str | bytes) -> None:
        await self._socket.send(text)

    async def heard(self) -> Frame:
        """The next frame; pings are answered on the way."""
        while True:
            frame: Frame = msgspec.json.decode(await self._socket.recv())
            if frame["t"] != "ping":
                return frame
            await self.say("pong")

    async def heard_entries(self, wanted: int) -> list[Frame]:
        """The next `wanted` entries, however they are split into frames."""
        entries: list[Frame] = []
        while len(entries) < wanted:
            frame = await self.heard()
            if frame["t"] == "msg":
                entries += frame.get("entries", [frame])
        return entries

    async def closed(self) -> int:
        """Waits until the hub has closed, and gives its code."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._socket.recv()
        assert self._socket.close_code is not None
        return self._socket.close_code

    async def leave(self) -> None:
        await self._socket.close()

    def stop_reading(self) -> None:
        """Takes nothing more from the socket; the kernels' buffers still fill."""
        self._socket.transport.pause_reading()

    def read_on(self) -> None:
        self._socket.transport.resume_reading()

    def vanish(self) -> None:
        """Gone without a goodbye."""
        self._socket.transport.abort()


@contextlib.asynccontextmanager
async def device(hub_url: str, token: str | None = None, **hello: Any) -> AsyncIterator[Device]:
    """Connects, and says hello when it has a token; the welcome is left to be heard."""
    url = hub_url.replace("http", "ws", 1) + "/ws"
    async with connect(url, subprotocols=["hark.v1"], ping_interval=None, close_timeout=1) as socket:  # type: ignore[list-item]
        found = Device(socket)
        if token is not None:
            await found.say("hello", token=token, **hello)
        yield found
