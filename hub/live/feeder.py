"""Feeds connections that are behind: pages from the store, many connections in one query."""

import asyncio
from typing import NoReturn

import structlog

from hub import metrics
from hub.live import foreign
from hub.live.connection import Connection
from hub.live.restored import send_away
from hub.store import inbox
from hub.store.postgres import UNAVAILABLE, Pool

log = structlog.get_logger()

PAGE_ENTRIES = 200
CONNECTIONS_A_QUERY = 50  # at most 10,000 entries held at once
RETRY_S = 0.5


class Feeder:
    """Answers `want_page`. While Postgres is away, connections stay behind and are fed when it is back."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._wanting: dict[Connection, None] = {}  # a set that keeps its order: who asked first is fed first
        self._asked = asyncio.Event()

    def want_page(self, connection: Connection) -> None:
        """`connection.page()` will be called with what follows `connection.sent`."""
        self._wanting[connection] = None
        self._asked.set()

    def forget(self, connection: Connection) -> None:
        """The connection is gone."""
        self._wanting.pop(connection, None)

    async def serve(self) -> NoReturn:
        """Feeds until cancelled."""
        while True:
            await self._asked.wait()
            batch = list(self._wanting)[:CONNECTIONS_A_QUERY]
            try:
                await self._feed(batch)
            except UNAVAILABLE as error:
                log.warning("feeder.store_unavailable", waiting=len(self._wanting), error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            if not self._wanting:
                self._asked.clear()

    async def _feed(self, batch: list[Connection]) -> None:
        wanted = [(connection.user_id, connection.sent) for connection in batch]
        known = [connection.head for connection in batch]
        try:
            pages = await inbox.pages(self._pool, wanted, limit=PAGE_ENTRIES)
        except inbox.ForeignRows:
            for connection in batch:
                self.forget(connection)
                foreign.end(connection)
            return
        ahead: list[Connection] = []
        for connection, head, page in zip(batch, known, pages, strict=True):
            if connection in self._wanting:  # it may have gone meanwhile
                del self._wanting[connection]
                if page.head < head:  # it would ask for the rest again and again
                    ahead.append(connection)
                    continue
                metrics.caught_up.inc(len(page.entries))
                connection.page(page)
        send_away(ahead)
