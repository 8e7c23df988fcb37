"""Connections to one mail server, kept open between mails: so many at most, and the one used last first."""

import asyncio

from delivery.email.account import Server
from delivery.email.connection import Connection
from delivery.email.mail import Mail
from delivery.outcome import Misconfigured, Outcome, Unavailable

# Shorter than what servers and the boxes on the way keep an idle connection; the usual is five minutes.
IDLE_S = 60.0

# A server that refused who we are is not asked again for this long: it may lock out whoever keeps on trying.
REFUSED_S = 30.0


class Pool:
    """To be used inside one event loop."""

    def __init__(self, server: Server, *, size: int, idle_s: float = IDLE_S) -> None:
        self._server = server
        self._idle_s = idle_s
        self._places = asyncio.Semaphore(size)
        self._idle: dict[Connection, asyncio.TimerHandle] = {}  # the one used last is the last
        self._refused: tuple[float, Misconfigured] | None = None

    async def send(self, mail: Mail, *, deadline_s: float) -> Outcome:
        """Half of the time is for getting a connection, so that the server has the other half for its word."""
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(now + deadline_s / 2):
                await self._places.acquire()
        except TimeoutError:
            return Unavailable("busy")
        try:
            return await self._send(mail, connected_by=now + deadline_s / 2, until=now + deadline_s)
        finally:
            self._places.release()

    async def aclose(self) -> None:
        """Close what is open. No send may be running."""
        for handle in self._idle.values():
            handle.cancel()
        await asyncio.gather(*(connection.aclose() for connection in self._idle))
        self._idle.clear()

    async def _send(self, mail: Mail, *, connected_by: float, until: float) -> Outcome:
        while (connection := self._take()) is not None:
            outcome = await connection.carry(mail, until=until)
            if not connection.was_left:  # else it was closed while it was idle: said again, to another
                return self._kept(connection, outcome)
        connection = Connection(self._server)
        refusal = await self._open(connection, by=connected_by)
        if refusal is not None:
            return refusal
        return self._kept(connection, await connection.carry(mail, until=until))

    async def _open(self, connection: Connection, *, by: float) -> Outcome | None:
        now = asyncio.get_running_loop().time()
        if self._refused is not None and now < self._refused[0]:
            return self._refused[1]
        refusal = await connection.open(until=by)
        self._refused = (now + REFUSED_S, refusal) if isinstance(refusal, Misconfigured) else None
        return refusal

    def _take(self) -> Connection | None:
        while self._idle:
            connection, handle = self._idle.popitem()
            handle.cancel()
            if connection.is_open:
                return connection
        return None

    def _kept(self, connection: Connection, outcome: Outcome) -> Outcome:
        if connection.is_open:
            loop = asyncio.get_running_loop()
            self._idle[connection] = loop.call_later(self._idle_s, self._leave, connection)
        return outcome

    def _leave(self, connection: Connection) -> None:
        del self._idle[connection]
        connection.leave()
