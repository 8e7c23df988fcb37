"""`/ws`: the handshake. Then the socket detaches, and no task or scope of it is left here."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from delivery.outbound.networks import Network
from hub.api import room
from hub.api.auth import token_in_url
from hub.api.operation import operation, public
from hub.api.origins import Origins
from hub.api.problem import Problem, respond
from hub.live import frames
from hub.live.node import Node
from hub.live.socket import EXTENSION, HarkSocket


class SocketApi:
    """The WebSocket endpoint."""

    def __init__(self, node: Node, origins: Origins, proxies: Sequence[Network]) -> None:
        self._node = node
        self._proxies = proxies
        self._origins = origins

    def routes(self) -> list[BaseRoute]:
        """Where the socket lives."""
        return [WebSocketRoute("/ws", self.connect), Route("/ws", self.upgrade)]

    @public
    async def connect(self, websocket: WebSocket) -> None:
        """Accepts, and hands the socket over to the node, which waits for its hello, with a user token in it."""
        source = room.source(websocket, self._proxies)
        if problem := self._refusal(websocket, source):
            await websocket.send_denial_response(respond(problem))
            return
        await websocket.accept(subprotocol=frames.SUBPROTOCOL)
        socket: HarkSocket = websocket.scope["extensions"].pop(EXTENSION)["socket"]
        self._node.opened(socket.detach(self._node, source))

    @public
    @operation("Open a socket that speaks `hark.v1`", answers={101: None}, refusals=[400, 403, 426, 503])
    async def upgrade(self, _: Request) -> Response:
        """A WebSocket handshake (RFC 6455) is answered 101; who asks for no socket is told so (RFC 9110 §15.5.22)."""
        raise Problem(426, "expected a WebSocket handshake", headers={"Upgrade": "websocket", "Connection": "Upgrade"})

    def _refusal(self, websocket: WebSocket, source: str | None) -> Problem | None:
        if frames.SUBPROTOCOL not in websocket.scope["subprotocols"]:
            return Problem(400, f"expected Sec-WebSocket-Protocol: {frames.SUBPROTOCOL}")
        if problem := self._origins.refusal(websocket) or token_in_url(websocket):
            return problem
        return None if self._node.admits(source) else room.full()
