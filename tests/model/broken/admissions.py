"""Admissions that read too early, too late, or not at all."""

import asyncio
from collections.abc import Callable, Sequence

from hub.cursor import Cursor
from hub.hint import user_channel
from hub.live.admission import Admission
from hub.live.connection import Connection, Feed, Wire
from hub.live.refusal import Refused
from hub.store import inbox
from hub.store.inbox import Position
from sessions.user_tokens import UserToken

Hellos = list[tuple[str, Cursor | None]]


class ReadsBeforeItSubscribes(Admission):
    async def _place(self, hellos: list[tuple[str, Cursor | None]]) -> Sequence[Position]:
        positions = await inbox.positions(self._pool, [(user, cursor and cursor.seq) for user, cursor in hellos])
        await self._bus.subscribe([user_channel(user) for user, _ in hellos])
        return positions


class RegistersAfterItRead(Admission):
    def register(self, wire: Wire, feed: Feed, token: UserToken) -> Connection:
        connection = super().register(wire, feed, token)
        self._registry.remove(connection)
        return connection

    async def _place(self, hellos: Hellos) -> Sequence[Position]:
        await self._bus.subscribe([user_channel(user) for user, _ in hellos])
        return await inbox.positions(self._pool, [(user, cursor and cursor.seq) for user, cursor in hellos])

    def _placed(
        self,
        connection: Connection,
        cursor: Cursor | None,
        refused: Callable[[Connection, Refused], None],
        placed: "asyncio.Future[Position]",
    ) -> None:
        self._registry.add(connection)
        super()._placed(connection, cursor, refused, placed)


class LosesHellosThatComeMeanwhile(Admission):
    async def _place(self, hellos: Hellos) -> Sequence[Position]:
        found = await super()._place(hellos)
        self._hellos._arrived.clear()
        return found


class AnswersFromACache(Admission):
    async def _place(self, hellos: list[tuple[str, Cursor | None]]) -> Sequence[Position]:
        if not hasattr(self, "_cache"):
            self._cache: dict[tuple[str, Cursor | None], Position] = {}
        found = await super()._place(hellos)
        return [self._cache.setdefault(hello, position) for hello, position in zip(hellos, found, strict=True)]


class CursorIsTrusted(Admission):
    def _welcome(self, connection: Connection, cursor: Cursor | None, position: Position) -> None:
        head = max(position.head, cursor.seq if cursor else 0)
        super()._welcome(connection, cursor, Position(head, position.unread, None))


class PushesBeforeItIsPlaced(Admission):
    def register(self, wire: Wire, feed: Feed, token: UserToken) -> Connection:
        connection = super().register(wire, feed, token)
        connection.behind = False
        return connection
