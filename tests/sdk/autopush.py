"""A push service as Mozilla runs it, for one browser: a socket to the browser, an endpoint for senders."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from delivery import base64url
from hub.serve import bind


class Autopush:
    """mozilla-services.github.io/autopush-rs/api.html, as much as a browser and a sender need."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._browser: WebSocket | None = None
        self._channels: set[str] = set()
        self.acks: asyncio.Queue[int] = asyncio.Queue()  # of the browser, with 100 for each message it decrypted
        self.unregistered: asyncio.Queue[None] = asyncio.Queue()  # an item a subscription that ended

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/browser"

    async def browser(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="push-notification")
        self._browser = socket
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await self._hear(socket, msgspec.json.decode(await socket.receive_text()))

    async def _hear(self, socket: WebSocket, said: dict[str, Any]) -> None:
        match said.get("messageType"):
            case "hello":
                welcome = {"uaid": uuid4().hex, "status": 200, "use_webpush": True, "broadcasts": {}}
                await _say(socket, "hello", **welcome)
            case "register":
                channel = said["channelID"]
                self._channels.add(channel)
                endpoint = f"{self.origin}/wpush/{channel}"
                await _say(socket, "register", channelID=channel, status=200, pushEndpoint=endpoint)
            case "unregister":
                self._channels.discard(said["channelID"])
                self.unregistered.put_nowait(None)
                await _say(socket, "unregister", channelID=said["channelID"], status=200)
            case "ack":
                for update in said["updates"]:
                    self.acks.put_nowait(update["code"])
            case None:
                await socket.send_text("{}")  # a ping

    async def push(self, request: Request) -> Response:
        """From a sender: passed on as it is, for only the browser can read it."""
        if request.path_params["channel"] not in self._channels:
            return Response(status_code=410)
        assert self._browser is not None
        channel, version = request.path_params["channel"], uuid4().hex
        content = base64url.encode(await request.body())
        headers = {"encoding": request.headers["content-encoding"]}
        await _say(self._browser, "notification", channelID=channel, version=version, data=content, headers=headers)
        return Response(status_code=201, headers={"Location": f"/m/{version}", "TTL": request.headers["ttl"]})


async def _say(socket: WebSocket, kind: str, **fields: Any) -> None:
    await socket.send_text(msgspec.json.encode({"messageType": kind, **fields}).decode())


@contextlib.asynccontextmanager
async def autopush(port: int) -> AsyncIterator[Autopush]:
    """A running one."""
    made = Autopush(port)
    routes = [
        WebSocketRoute("/browser", made.browser),
        Route("/wpush/{channel}", made.push, methods=["POST"]),
    ]
    listener = bind("127.0.0.1", port)
    listener.listen()
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve(sockets=[listener]))
    try:
        yield made
    finally:
        server.should_exit = True
        await serving
