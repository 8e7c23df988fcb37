"""An echo on Hark's own socket: the real uvicorn with the hub's own settings and event loop, another application.

`/attached` hands the socket over at once, as the hub does; `/undecided` answers no handshake.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Collection, Iterator

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from hub.live.close_codes import CloseCode
from hub.live.detached import DetachedSocket
from hub.live.framing import encoded
from hub.live.link import Link
from hub.live.socket import EXTENSION, HarkSocket
from hub.serve import bind, server
from hub.settings import Settings

PATIENCE_S = 4.0  # below the socket's CLOSE_TIMEOUT_S: whoever waits for that deadline is not waited for


class EchoHost:
    """Says what it is told, and wants nothing but texts."""

    def received(self, socket: DetachedSocket, text: str) -> None:
        socket.write(encoded(text.encode()))

    def knocked(self, _: DetachedSocket) -> bool:
        return True

    def garbled(self, socket: DetachedSocket, _: str) -> None:
        socket.close(CloseCode.PROTOCOL)

    def paused(self, link: Link) -> None:
        """Nothing waits for it."""

    def lost(self, link: Link) -> None:
        """Nobody is left to be told."""


async def _undecided(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _attached(websocket: WebSocket) -> None:
    await websocket.accept()
    harks: HarkSocket = websocket.scope["extensions"][EXTENSION]["socket"]
    harks.detach(EchoHost(), "127.0.0.1")


class Echo:
    """A running echo, seen from outside; on uvloop, as the hub is in production, and so in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._listener = bind("127.0.0.1", 0)
        self._listener.listen()  # connections made before uvicorn is up wait here
        self.port: int = self._listener.getsockname()[1]
        self._settings = settings
        self._started: queue.SimpleQueue[uvicorn.Server] = queue.SimpleQueue()
        self._thread = threading.Thread(target=lambda: uvloop.run(self._serve()))
        self._thread.start()
        self._server = self._started.get()

    async def has_no_sockets(self) -> None:
        """Waits until it has let go of every client."""
        await _emptied(self._server.server_state.connections)

    async def has_no_endpoints(self) -> None:
        """Waits until no client has a task."""
        await _emptied(self._server.server_state.tasks)

    def unwritten(self) -> int:
        """Bytes that clients have not taken."""
        sockets = [socket for socket in self._server.server_state.connections if isinstance(socket, DetachedSocket)]
        return sum(socket._transport.get_write_buffer_size() for socket in sockets)

    def stop(self) -> None:
        """Says goodbye to everybody, in its own time."""
        self._server.should_exit = True

    def join(self) -> None:
        """Waits until it is gone."""
        self._thread.join()

    async def _serve(self) -> None:
        made = server(self._settings)  # the hub's own, so that no setting of it can differ
        made.config.app = Starlette(
            routes=[
                WebSocketRoute("/attached", _attached),
                WebSocketRoute("/undecided", _undecided),
            ]
        )
        self._started.put(made)
        await made.serve(sockets=[self._listener])


async def _emptied(things: Collection[object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while things:  # noqa: ASYNC110 - uvicorn's sets have no event for it
            await asyncio.sleep(0.01)


@contextlib.contextmanager
def running_echo(settings: Settings) -> Iterator[Echo]:
    echo = Echo(settings)
    try:
        yield echo
    finally:
        echo.stop()
        echo.join()
