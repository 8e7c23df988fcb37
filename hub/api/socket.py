"""`/ws`: the handshake and the hello. Then the connection detaches, and no task or scope of it is left here."""

import asyncio

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from hub import metrics
from hub.api.problem import Problem, respond
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.node import Node, Refused
from hub.live.socket import EXTENSION, HarkSocket


class SocketApi:
    """The WebSocket endpoint."""

    def __init__(self, node: Node, *, hello_deadline_s: float, allowed_origins: frozenset[str]) -> None:
        self._node = node
        self._hello_deadline_s = hello_deadline_s
        self._allowed_origins = allowed_origins

    def routes(self) -> list[WebSocketRoute]:
        """Where the socket lives."""
        return [WebSocketRoute("/ws", self.connect)]

    async def connect(self, websocket: WebSocket) -> None:
        """Accepts, waits for hello, hands the socket over to the node."""
        if refusal := self._refusal(websocket):
            await websocket.send_denial_response(refusal)
            return
        await websocket.accept(subprotocol=frames.SUBPROTOCOL)
        socket: HarkSocket = websocket.scope["extensions"][EXTENSION]["socket"]
        try:
            connection = await self._node.admit(socket, await self._hello(websocket))
        except WebSocketDisconnect:
            return
        except Refused as refused:
            metrics.closed.labels(refused.code).inc()
            socket.write(frames.error(refused.code.name.lower(), str(refused)))
            socket.close(refused.code)
            return
        socket.attach(connection, self._node)

    async def _hello(self, websocket: WebSocket) -> frames.Hello:
        try:
            async with asyncio.timeout(self._hello_deadline_s):
                message = await websocket.receive()
        except TimeoutError:
            raise Refused(CloseCode.NO_HELLO, f"no hello within {self._hello_deadline_s:g} s") from None
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect
        try:
            frame = frames.parse(message.get("text") or "")
        except frames.BadFrame as error:
            raise Refused(CloseCode.PROTOCOL, str(error)) from None
        if not isinstance(frame, frames.Hello):
            raise Refused(CloseCode.PROTOCOL, "expected hello first - at `$.t`")
        return frame

    def _refusal(self, websocket: WebSocket) -> Response | None:
        if frames.SUBPROTOCOL not in websocket.scope["subprotocols"]:
            return respond(Problem(400, f"expected Sec-WebSocket-Protocol: {frames.SUBPROTOCOL}"))
        origin = websocket.headers.get("origin")
        own = f"{'https' if websocket.url.scheme == 'wss' else 'http'}://{websocket.headers.get('host')}"
        if origin is not None and origin != own and origin not in self._allowed_origins:
            return respond(Problem(403, "this origin may not open a socket (HARK_ALLOWED_ORIGINS)"))
        return None
