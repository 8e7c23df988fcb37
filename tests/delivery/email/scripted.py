"""A mail server that answers as a test says, however wrong."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec

from delivery.email.settings import EmailSettings

GREETING = "(greeting)"
MAIL = "(mail)"
OTHER = "(other)"

USUAL = {
    GREETING: b"220 here\r\n",
    "EHLO": b"250-here\r\n250 SIZE 1000\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"250 2.1.5 Ok\r\n",
    "DATA": b"354 go ahead\r\n",
    MAIL: b"250 2.0.0 Ok: queued as 1\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
    OTHER: b"250 2.0.0 Ok\r\n",
}
HANG_UP = b""


class Scripted:
    """What it says to which verb: each a list whose last goes on for ever; and what it heard and saw."""

    def __init__(self, says: Mapping[str, bytes | list[bytes]]) -> None:
        self._says = {
            verb: [said] if isinstance(said, bytes) else list(said) for verb, said in {**USUAL, **says}.items()
        }
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        """As they came, dots and all."""
        self.connections = 0
        self.most_at_once = 0
        self.left = asyncio.Event()
        """Some connection has ended."""
        self._said = asyncio.Event()
        self._now = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    def settings(self, **changes: object) -> EmailSettings:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        settings = EmailSettings(
            smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="no-reply@shop.example"
        )
        return msgspec.structs.replace(settings, **changes)

    def verbs(self) -> list[str]:
        return [line.split(" ")[0] for line in self.heard]

    async def hears(self, verb: str) -> None:
        """Waits until it has."""
        while verb not in self.verbs():
            self._said.clear()
            await self._said.wait()

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def end(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        while self._writers:
            await self.left.wait()
            self.left.clear()

    def close_idle(self, goodbye: bytes = b"") -> None:
        """As a server does with who says nothing for long."""
        for writer in self._writers:
            writer.write(goodbye)
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._now -= 1
            self._writers.discard(writer)
            self.left.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = GREETING
        while said := self._next(verb):
            writer.write(said)
            if said.startswith(b"354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = MAIL
                self.heard.append(MAIL)
                continue
            line = (await reader.readuntil(b"\r\n")).decode().rstrip("\r\n")
            self.heard.append(line)
            self._said.set()
            verb = line.split(" ")[0]

    def _next(self, verb: str) -> bytes:
        says = self._says.get(verb, self._says[OTHER])
        return says.pop(0) if len(says) > 1 else says[0]


@asynccontextmanager
async def scripted(says: Mapping[str, bytes | list[bytes]] | None = None) -> AsyncIterator[Scripted]:
    server = Scripted(says or {})
    await server.begin()
    yield server
    await server.end()
