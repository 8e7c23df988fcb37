"""HTTP/1.1 answers that break on the way (RFC 9112 section 8), over uvicorn. Knows no push."""

import asyncio
import socket
import struct
from typing import Literal, TypeAlias

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Break: TypeAlias = Literal["reset", "half_body"]

EXTENSION = "simulator.connection"  # in the ASGI scope: where a response finds its connection
_SEND_RST = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the other end hears of a reset, and not of an end


class Connection(HttpToolsProtocol):
    """uvicorn's, which a response may break."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


class Broken(Response):
    """In place of a whole response nothing and a reset, or half of its body and an end; of one without a body the
    head is said."""

    def __init__(self, whole: Response, how: Break) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers
        self._how = how

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["extensions"][EXTENSION]["transport"]
        if self._how == "half_body":
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
            transport.close()
        else:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _SEND_RST)
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
