"""One node of the live layer: its connections, what feeds them, and what is done with what clients say."""

import asyncio
from typing import assert_never

from hub import cursor as cursors
from hub import metrics
from hub.batcher import Batcher
from hub.bus import Bus
from hub.ids import uuid7
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection, Wire
from hub.live.fan_out import FanOut
from hub.live.feeder import Feeder
from hub.live.heartbeat import Heartbeat
from hub.live.position_check import PositionCheck
from hub.live.receipts import Mark, Receipts
from hub.live.registry import Registry
from hub.settings import HubSettings
from hub.store import inbox
from hub.store.postgres import UNAVAILABLE, Pool
from sessions.user_tokens import TokenExpired, TokenInvalid, UserToken, UserTokens

HELLOS_A_QUERY = 500


class Refused(Exception):
    """The hello, or a later frame, ends the connection."""

    def __init__(self, code: CloseCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Node:
    """Admits connections and owns them until they are lost."""

    def __init__(self, pool: Pool, tokens: UserTokens, settings: HubSettings) -> None:
        self._tokens = tokens
        self._ping_s = settings.ping_s
        self.registry = Registry()
        fan_out = FanOut(self.registry)
        self._position_check = PositionCheck(pool, self.registry, interval_s=settings.position_check_s)
        self.bus = Bus(settings.redis_url, uuid7().hex, on_message=fan_out.deliver, on_resync=self._position_check.soon)
        self._feeder = Feeder(pool)
        self._receipts = Receipts(pool, self.bus, fan_out)
        self._heartbeat = Heartbeat(ping_s=settings.ping_s)
        self._positions: Batcher[tuple[str, int | None], inbox.Position] = Batcher(
            lambda wanted: inbox.positions(pool, wanted), limit=HELLOS_A_QUERY
        )

    async def serve(self) -> None:
        """Runs everything that has a clock or a queue, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.bus.serve())
            tasks.create_task(self._feeder.serve())
            tasks.create_task(self._receipts.serve())
            tasks.create_task(self._heartbeat.serve())
            tasks.create_task(self._position_check.serve(self.bus))
            tasks.create_task(self._positions.serve())

    async def aclose(self) -> None:
        """Writes the last receipts and closes the bus; Postgres must still be open."""
        await self._receipts.flush()
        await self.bus.aclose()

    async def admit(self, wire: Wire, hello: frames.Hello) -> Connection:
        """Makes a live connection of a socket that said hello. Raises Refused.

        It is registered and subscribed before its inbox is read: what is sent meanwhile is either in what was
        read or was pushed to it.
        """
        token = self._verify(hello.token)
        cursor = _cursor(hello.cursor)
        connection = Connection(token.user_id, wire, self._feeder, expires_at=token.expires_at.timestamp())
        self.registry.add(connection)
        metrics.connections.inc()
        try:
            await self.bus.subscribe(token.user_id)
            position = await self._positions.submit((token.user_id, cursor.seq if cursor else None))
        except UNAVAILABLE:
            self.lost(connection)
            raise Refused(CloseCode.UNAVAILABLE, "the inbox cannot be read right now") from None
        except BaseException:
            self.lost(connection)
            raise
        self._welcome(connection, cursor, position)
        return connection

    def _welcome(self, connection: Connection, cursor: cursors.Cursor | None, position: inbox.Position) -> None:
        start = cursors.resume(cursor, head=position.head, found=position.id_at_seq)
        connection.wire.write(
            frames.welcome(
                user=connection.user_id,
                head=position.head,
                unread=position.unread,
                ping_s=self._ping_s,
                cursor=str(start.cursor),
            )
        )
        if start.reset:
            connection.wire.write(frames.reset(position.head))
        connection.begin(start.cursor.seq, position.head)
        self._heartbeat.add(connection)

    def lost(self, connection: Connection) -> None:
        """The connection's socket is gone."""
        if self.registry.remove(connection):
            self.bus.unsubscribe(connection.user_id)
        self._feeder.forget(connection)
        self._heartbeat.remove(connection)
        metrics.connections.dec()

    def received(self, connection: Connection, text: str) -> None:
        """The client said something."""
        connection.heard = True
        try:
            self._obey(connection, frames.parse(text))
        except frames.BadFrame as error:
            _end(connection.wire, CloseCode.PROTOCOL, str(error))
        except Refused as refused:
            _end(connection.wire, refused.code, str(refused))

    def _obey(self, connection: Connection, frame: frames.ClientFrame) -> None:
        match frame:
            case frames.Ack(seq, after):
                self._receipts.ack(connection, *connection.ack(seq, after))
            case frames.Seen(seqs):
                self._receipts.mark(Mark(connection, "seen", seqs))
            case frames.Read(seqs, through):
                self._receipts.mark(Mark(connection, "read", seqs or (), through or 0))
            case frames.Refresh(token):
                self._refresh(connection, token)
            case frames.Pong():
                pass
            case frames.Hello():
                raise Refused(CloseCode.PROTOCOL, "hello was said before")
            case _:
                assert_never(frame)

    def _refresh(self, connection: Connection, token: str) -> None:
        fresh = self._verify(token)
        if fresh.user_id != connection.user_id:
            raise Refused(CloseCode.BAD_TOKEN, "the token is of another user")
        connection.expires_at = fresh.expires_at.timestamp()

    def _verify(self, token: str) -> UserToken:
        try:
            return self._tokens.verify(token)
        except TokenExpired as error:
            raise Refused(CloseCode.EXPIRED, str(error)) from None
        except TokenInvalid as error:
            raise Refused(CloseCode.BAD_TOKEN, str(error)) from None


def _cursor(text: str | None) -> cursors.Cursor | None:
    try:
        return None if text is None else cursors.parse(text)
    except ValueError as error:
        raise Refused(CloseCode.PROTOCOL, f"{error} - at `$.cursor`") from None


def _end(wire: Wire, code: CloseCode, message: str) -> None:
    metrics.closed.labels(code).inc()
    wire.write(frames.error(code.name.lower(), message))
    wire.close(code)
