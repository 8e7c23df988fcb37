"""What a stranger's URL may lead to: a name server that changes its mind, and a neighbour that nobody may call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from delivery.outbound.addresses import NoAddressError


class Names:
    """A name server: each time it is asked it gives the next answer, the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, _: str) -> list[str]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise NoAddressError
        return answer


@asynccontextmanager
async def canary(host: str = "127.0.0.1") -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server on this machine that must never be connected to; its port, and what it heard."""
    heard: list[bytes] = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(b"connected")
        writer.close()

    async with await asyncio.start_server(listen, host, 0) as server:
        yield str(server.sockets[0].getsockname()[1]), heard
