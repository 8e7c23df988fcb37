"""A mail server's connections: bytes between the network and sessions. Knows no command but the one that encrypts."""

import asyncio
import socket
import ssl
from typing import cast

from delivery.simulator.mail_service import MailService
from delivery.simulator.smtp_session import Session
from delivery.simulator.smtp_turn import Turn


class SmtpServer:
    """Listens inside the running loop, from `open` until `aclose`. With a certificate it wants STARTTLS, or, when it is
    `encrypted`, TLS from the first byte."""

    def __init__(self, service: MailService, tls: ssl.SSLContext | None, *, encrypted: bool = False) -> None:
        self._service = service
        self._tls = tls
        self._encrypted = encrypted
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        tls = self._tls if self._encrypted else None
        self._server = await loop.create_server(self._connection, sock=listening, ssl=tls)

    async def aclose(self) -> None:
        """Connections end at once, as when a server dies."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()

    def _connection(self) -> "Connection":
        tls = None if self._encrypted else self._tls
        return Connection(Session(self._service, encrypts=tls is not None), tls, self._connections)


class Connection(asyncio.Protocol):
    """One client's. A turn that is late holds up what the client said after it."""

    _transport: asyncio.Transport

    def __init__(self, session: Session, tls: ssl.SSLContext | None, connections: "set[Connection]") -> None:
        self._session = session
        self._tls = tls
        self._connections = connections
        self._late: asyncio.TimerHandle | None = None
        self._encrypting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # what a stream protocol gets; uvloop's is none by name
        self._connections.add(self)
        self._transport.write(self._session.greeting())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name is asyncio's
        self._connections.discard(self)
        if self._late is not None:
            self._late.cancel()

    def data_received(self, data: bytes) -> None:
        self._session.feed(data)
        if self._late is None and self._encrypting is None:
            self._go_on()

    def abort(self) -> None:
        self._transport.abort()

    def _go_on(self) -> None:
        """Turn by turn, until the client is to say more, or is to wait."""
        while not self._transport.is_closing() and (turn := self._session.turn()) is not None:
            if turn.after_s:
                self._late = asyncio.get_running_loop().call_later(turn.after_s, self._take_late, turn)
                return
            self._take(turn)
            if self._encrypting is not None:
                return

    def _take_late(self, turn: Turn) -> None:
        self._late = None
        self._take(turn)
        self._go_on()

    def _take(self, turn: Turn) -> None:
        if turn.then == "reset":
            self._transport.abort()
            return
        self._transport.write(turn.said)
        if turn.then == "close":
            self._transport.close()
        elif turn.then == "encrypt":
            self._transport.pause_reading()  # what comes next is not for us
            self._session.encrypted()
            self._encrypting = asyncio.get_running_loop().create_task(self._encrypt())

    async def _encrypt(self) -> None:
        loop, tls = asyncio.get_running_loop(), self._tls
        assert tls is not None  # noqa: S101 - else it was not offered
        try:
            encrypted = await loop.start_tls(self._transport, self, tls, server_side=True)
        except OSError:  # whoever it was wanted something else, or trusts nobody
            self._transport.abort()
            return
        assert encrypted is not None  # noqa: S101 - it always is, whatever the type says
        self._transport = encrypted
        self._encrypting = None
        self._go_on()
