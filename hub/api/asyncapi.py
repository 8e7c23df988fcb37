"""`/asyncapi.json`: `hark.v1` as an AsyncAPI 3.0 document, made of the structs of its frames."""

import inspect
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.operation import operation, public
from hub.api.shapes import Json, Shapes
from hub.live.close_codes import CloseCode
from hub.live.frames import SUBPROTOCOL, ClientFrame
from hub.live.hub_frames import Closed, HubFrame

CLIENT = get_args(ClientFrame)
HUB = get_args(HubFrame)
_CODES = ", ".join(f"{code} {code.name.lower()}" for code in CloseCode)
_DESCRIPTION = (
    f"JSON text frames over a WebSocket with the subprotocol `{SUBPROTOCOL}`, one object each, `t` first; or what the"
    " hub says as server-sent events. A client ignores frames and fields that it does not know; the hub refuses them."
    f" Close codes: below 4500 reconnect with back-off, from 4500 on stop. {_CODES}."
)
_EVENTS = (
    "Server-sent events: `event` is the `t` of a frame, `data` the frame. A user token in `Authorization: Bearer`."
)


class AsyncApi:
    """The document."""

    def __init__(self) -> None:
        self._body = cache(lambda: msgspec.json.format(msgspec.json.encode(document())) + b"\n")

    def routes(self) -> Sequence[Route]:
        """Where the document lives."""
        return [Route("/asyncapi.json", self.read, methods=["GET"])]

    @public
    @operation("The socket's protocol", answers={200: dict[str, Any]})
    async def read(self, _: Request) -> Response:
        """AsyncAPI 3.0, the same for every hub of a version."""
        return Response(self._body(), media_type="application/json")


def document() -> Json:
    """The AsyncAPI document, from the hub's side: it receives what clients say, and sends what it says."""
    shapes = Shapes([*CLIENT, *HUB])
    on_socket = [frame for frame in HUB if frame is not Closed]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hark", "version": SUBPROTOCOL, "description": _DESCRIPTION, "license": {"name": "MIT"}},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws",
                "description": f"A WebSocket (RFC 6455) with the subprotocol `{SUBPROTOCOL}`. `hello` comes first.",
                "messages": _references("#/components/messages/", [*CLIENT, *on_socket]),
                "bindings": {"ws": {"method": "GET", "headers": _handshake()}},
            },
            "events": {
                "address": "/sse",
                "description": _EVENTS,
                "messages": _references("#/components/messages/", HUB),
            },
        },
        "operations": {
            "hear": _operation("receive", "socket", CLIENT, "What a client says."),
            "say": _operation("send", "socket", on_socket, "What the hub says."),
            "stream": _operation("send", "events", HUB, "What the hub says; `close` is the last."),
        },
        "components": {
            "messages": {frame.__name__: _message(frame, shapes) for frame in (*CLIENT, *HUB)},
            "schemas": shapes.components,
        },
    }


def _operation(action: str, channel: str, frames: Iterable[type], summary: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": list(_references(f"#/channels/{channel}/messages/", frames).values()),
    }


def _message(frame: type[msgspec.Struct], shapes: Shapes) -> Json:
    return {
        "name": frame.__struct_config__.tag,
        "summary": inspect.cleandoc(frame.__doc__ or ""),
        "payload": shapes.of(frame),
    }


def _references(place: str, frames: Iterable[type]) -> dict[str, Json]:
    return {frame.__name__: {"$ref": f"{place}{frame.__name__}"} for frame in frames}


def _handshake() -> Json:
    return {
        "type": "object",
        "properties": {"Sec-WebSocket-Protocol": {"const": SUBPROTOCOL}},
        "required": ["Sec-WebSocket-Protocol"],
    }
