"""`/ws`: the handshake. Then the socket detaches, and no task or scope of it is left here."""

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from hub.api.origins import Origins
from hub.api.problem import Problem, respond
from hub.live import frames
from hub.live.node import Node
from hub.live.socket import EXTENSION, HarkSocket

RETRY_AFTER_S = "5"


class SocketApi:
    """The WebSocket endpoint."""

    def __init__(self, node: Node, origins: Origins) -> None:
        self._node = node
        self._origins = origins

    def routes(self) -> list[WebSocketRoute]:
        """Where the socket lives."""
        return [WebSocketRoute("/ws", self.connect)]

    async def connect(self, websocket: WebSocket) -> None:
        """Accepts, and hands the socket over to the node, which waits for its hello."""
        if refusal := self._refusal(websocket):
            await websocket.send_denial_response(refusal)
            return
        await websocket.accept(subprotocol=frames.SUBPROTOCOL)
        socket: HarkSocket = websocket.scope["extensions"].pop(EXTENSION)["socket"]
        self._node.opened(socket.detach(self._node, _address(websocket)))

    def _refusal(self, websocket: WebSocket) -> Response | None:
        if not self._node.has_room(_address(websocket)):
            return respond(Problem(503, "no more sockets here right now", headers={"Retry-After": RETRY_AFTER_S}))
        if frames.SUBPROTOCOL not in websocket.scope["subprotocols"]:
            return respond(Problem(400, f"expected Sec-WebSocket-Protocol: {frames.SUBPROTOCOL}"))
        refusal = self._origins.refusal(websocket)
        return respond(refusal) if refusal else None


def _address(websocket: WebSocket) -> str:
    return websocket.client.host if websocket.client else ""
