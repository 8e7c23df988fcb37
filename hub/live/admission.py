"""Admission: from a hello to a live connection. Hellos that arrive together are subscribed and read together; none of
them has a task of its own."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

import structlog

from hub import cursor as cursors
from hub import metrics
from hub.batcher import Batcher
from hub.bus import Bus
from hub.cursor import Cursor
from hub.hint import user_channel
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection, Feed, Wire
from hub.live.framing import encoded
from hub.live.refusal import Outdated, Refused
from hub.live.registry import Registry
from hub.live.revoked import Revoked
from hub.store import inbox
from hub.store.inbox import Position
from hub.store.postgres import UNAVAILABLE, Pool
from sessions.issuer_keys import KeyNotKnownYet
from sessions.user_tokens import TokenExpired, TokenInvalid, TokenRevoked, UserToken, UserTokens

log = structlog.get_logger()

HELLOS_A_QUERY = 500


class Admission:
    """Verifies hellos, and tells each connection where it stands."""

    def __init__(
        self, pool: Pool, bus: Bus, registry: Registry, tokens: UserTokens, revoked: Revoked, *, ping_s: float
    ) -> None:
        self._pool = pool
        self._bus = bus
        self._registry = registry
        self._tokens = tokens
        self._revoked = revoked
        self._ping_s = ping_s
        self._hellos: Batcher[tuple[str, Cursor | None], Position] = Batcher(self._place, limit=HELLOS_A_QUERY)

    async def serve(self) -> NoReturn:
        """Admits until cancelled."""
        await self._hellos.serve()

    def understand(self, hello: frames.Hello) -> tuple[UserToken, Cursor | None]:
        """Whom a hello proves, and where they stand. Raises Refused."""
        return self.verify(hello.token), _cursor(hello.cursor)

    def admit(
        self,
        wire: Wire,
        feed: Feed,
        token: UserToken,
        cursor: Cursor | None,
        *,
        refused: Callable[[Connection, Refused], None],
    ) -> Connection:
        """Makes a connection, which begins when its place in the inbox is known, or is `refused` then.

        It is registered and subscribed before its inbox is read: what is sent meanwhile is either in what was read or
        was pushed to it.
        """
        connection = self.register(wire, feed, token)
        self.place(connection, cursor).add_done_callback(partial(self._placed, connection, cursor, refused))
        return connection

    def register(self, wire: Wire, feed: Feed, token: UserToken) -> Connection:
        """Makes a connection that is found from now on, and does not know yet where it stands."""
        connection = Connection(token.user_id, wire, feed, expires_at=token.expires_at.timestamp(), topics=token.topics)
        connection.stamp(token)
        self._registry.add(connection)
        return connection

    def place(self, connection: Connection, cursor: Cursor | None) -> "asyncio.Future[Position]":
        """Where its inbox stands, read after its user was subscribed."""
        return self._hellos.submit((connection.user_id, cursor))

    def verify(self, token: str) -> UserToken:
        """Raises Refused."""
        try:
            return self._tokens.verify(token)
        except TokenRevoked as error:
            raise Refused(CloseCode.EXPIRED, str(error)) from None
        except TokenExpired as error:
            raise Outdated(CloseCode.EXPIRED, str(error)) from None
        except TokenInvalid as error:
            log.debug("token.refused", why=error.why)
            raise Refused(CloseCode.BAD_TOKEN, str(error)) from None
        except KeyNotKnownYet:
            raise Refused(CloseCode.UNAVAILABLE, "the key of the user token is not known yet") from None

    async def _place(self, hellos: list[tuple[str, Cursor | None]]) -> Sequence[Position]:
        await self._bus.subscribe([user_channel(user_id) for user_id, _ in hellos])
        try:
            await self._revoked.known()
            return await inbox.positions(
                self._pool, [(user_id, cursor.seq if cursor else None) for user_id, cursor in hellos]
            )
        finally:
            for user_id, _ in hellos:
                if not self._registry.of(
                    user_id
                ):  # gone while the hello waited: then this subscribed after the goodbye
                    self._bus.unsubscribe(user_channel(user_id))

    def _placed(
        self,
        connection: Connection,
        cursor: Cursor | None,
        refused: Callable[[Connection, Refused], None],
        placed: "asyncio.Future[Position]",
    ) -> None:
        if placed.cancelled() or connection not in self._registry.of(connection.user_id):
            return  # the node stops, or the client has gone meanwhile
        if (error := placed.exception()) is not None:
            if not isinstance(error, UNAVAILABLE):
                log.error("admission.failed", exc_info=error)
            refused(connection, Refused(CloseCode.UNAVAILABLE, "the inbox cannot be read right now"))
            return
        self._welcome(connection, cursor, placed.result())

    def _welcome(self, connection: Connection, cursor: Cursor | None, position: Position) -> None:
        start = cursors.resume(cursor, head=position.head, found=position.id_at_seq)
        message = frames.welcome(
            user=connection.user_id,
            head=position.head,
            unread=position.unread,
            ping_s=self._ping_s,
            cursor=str(start.cursor),
            archive_rev=position.archive_rev,
        )
        connection.wire.write(encoded(message))
        if start.reset:
            connection.wire.write(encoded(frames.reset(position.head)))
        metrics.admitted.inc()
        connection.begin(start.cursor.seq, position.head)


def _cursor(text: str | None) -> Cursor | None:
    try:
        return None if text is None else cursors.parse(text)
    except ValueError as error:
        raise Refused(CloseCode.PROTOCOL, f"{error} - at `$.cursor`") from None
