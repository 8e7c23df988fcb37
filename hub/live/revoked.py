"""Revoked tokens on this node: what Postgres knows of them is kept in memory, and whoever is connected with one goes.

A hint says that there is something new; the position check, which asks for the revision beside the inboxes' heads,
finds what a lost hint would have said.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import NoReturn

import structlog

from hub import metrics
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import encoded
from hub.live.registry import Registry
from hub.store import revocations as store
from hub.store.postgres import FAILED, PATIENCE_S, Pool
from sessions.revocations import Revocation, Revocations

log = structlog.get_logger()

AGAIN_S = 1.0  # after Postgres did not answer
FORGET_S = 3600.0  # how often what has expired is thrown away
A_SLICE = 200  # goodbyes; between slices the loop has its turn


class Revoked:
    """Reads revocations as they come. To be made inside the loop it will run in."""

    def __init__(self, pool: Pool, registry: Registry, revocations: Revocations) -> None:
        self._pool = pool
        self._registry = registry
        self._revocations = revocations
        self._revision = 0
        self._news = asyncio.Event()
        self._news.set()
        self._known = asyncio.Event()

    def soon(self) -> None:
        """Something was revoked."""
        self._news.set()

    def at(self, revision: int) -> None:
        """The database is at this revision."""
        if revision != self._revision:
            self._news.set()

    def covers(self, connection: Connection) -> bool:
        """Whether it was opened with a token that is good no more."""
        return self._revocations.covers(connection)

    async def known(self) -> None:
        """Nobody is let in before what was revoked was read once. Raises TimeoutError."""
        if not self._known.is_set():
            async with asyncio.timeout(PATIENCE_S):
                await self._known.wait()

    async def serve(self) -> NoReturn:
        """Reads until cancelled."""
        clock = asyncio.get_running_loop().time
        forget_at = clock() + FORGET_S
        while True:
            try:
                async with asyncio.timeout_at(forget_at):  # not from now on: there may be news more often
                    await self._news.wait()
            except TimeoutError:
                self._revocations.forget(time.time())
                forget_at = clock() + FORGET_S
                continue
            self._news.clear()
            try:
                await self._read()
            except FAILED as error:  # away, or not migrated yet: /ready says which
                log.warning("revoked.store_unavailable", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
                self._news.set()

    async def _read(self) -> None:
        found = await store.since(self._pool, self._revision)
        self._revocations.note(found.revocations)
        self._revision = found.revision
        self._known.set()
        ending = [connection for connection in self._of(found.revocations) if self.covers(connection)]
        for start in range(0, len(ending), A_SLICE):
            for connection in ending[start : start + A_SLICE]:
                end(connection)
            await asyncio.sleep(0)

    def _of(self, revocations: Iterable[Revocation]) -> Iterable[Connection]:
        """Whom they may concern."""
        users = {revocation.subject if revocation.kind == "user" else None for revocation in revocations}
        if None in users:
            return self._registry.all()
        return [connection for user_id in users if user_id for connection in self._registry.of(user_id)]


def end(connection: Connection) -> None:
    """Its token is good no more: its client has to ask for another one."""
    metrics.closed.labels(CloseCode.EXPIRED).inc()
    connection.wire.write(encoded(frames.error("revoked", "the user token was revoked")))
    connection.wire.close(CloseCode.EXPIRED)
