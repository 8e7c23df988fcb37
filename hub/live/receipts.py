"""Receipts of clients: acks, seen, read, archived, on their way to Postgres. Acks are cumulative, so however many come
while one statement runs, the next one needs only the last of each connection. Nothing is dropped while Postgres is
away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple, NoReturn, TypeAlias, assert_never

import structlog

from hub import metrics
from hub.bus import Bus
from hub.hint import StateHint, pack, user_channel
from hub.live import frames
from hub.live.connection import Connection
from hub.live.fan_out import FanOut
from hub.live.framing import encoded
from hub.store import archive, inbox
from hub.store.inbox import Marked
from hub.store.postgres import TRY_AGAIN, Pool

log = structlog.get_logger()

RETRY_S = 0.5

Said: TypeAlias = Literal["seen", "read", "archived", "unarchived"]


class Mark(NamedTuple):
    """What a client says it saw, read, archived or took back."""

    connection: Connection
    kind: Said
    seqs: Sequence[int]
    through: int = 0  # with kind "read": everything up to it


class Receipts:
    """Collects receipts and writes them in batches."""

    def __init__(self, pool: Pool, bus: Bus, fan_out: FanOut) -> None:
        self._pool = pool
        self._bus = bus
        self._fan_out = fan_out
        self._acks: dict[tuple[Connection, int], int] = {}  # (connection, after) -> up to
        self._marks: list[Mark] = []
        self._arrived = asyncio.Event()
        self.on_acked: Callable[[], None] = lambda: None
        self.on_maybe_shown: Callable[[], Awaitable[None]] = _nobody

    def ack(self, connection: Connection, after: int, upto: int) -> None:
        """The client applied the entries in (after, upto]; it hears `ack_ok` once that is stored."""
        self._acks[connection, after] = max(upto, self._acks.get((connection, after), 0))
        self._arrived.set()

    def mark(self, mark: Mark) -> None:
        """Every connection of the user hears the new state once it is stored; the one that said it in any case."""
        self._marks.append(mark)
        self._arrived.set()

    async def serve(self) -> NoReturn:
        """Writes receipts until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                await self.flush()
            except TRY_AGAIN as error:
                log.warning("receipts.store_unavailable", acks=len(self._acks), error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                self._arrived.set()

    async def flush(self) -> None:
        """Writes what is there; what could not be written stays."""
        acks = dict(self._acks)
        if acks:
            await inbox.ack(self._pool, [_ack(c, after, upto) for (c, after), upto in acks.items()])
            for (connection, after), upto in acks.items():
                if self._acks[connection, after] == upto:  # else a later ack came meanwhile
                    del self._acks[connection, after]
                self._acked(connection, after, upto)
            self.on_acked()
        while self._marks:
            await self._write(self._marks[0])
            self._marks.pop(0)

    def _acked(self, connection: Connection, after: int, upto: int) -> None:
        metrics.acked.inc(max(0, upto - after))
        if connection.written is not None and upto >= connection.written[0]:
            metrics.hop_acked.observe(max(0.0, time.time() - connection.written[1]))
            connection.written = None
        connection.tell(encoded(frames.ack_ok(upto)))

    async def _write(self, mark: Mark) -> None:
        marked = await self.store(mark.connection.user_id, mark.kind, mark.seqs, through=mark.through)
        if not marked.seqs:  # all of it was known: nobody else has to hear, but who said it may stop saying it
            mark.connection.tell(encoded(_state(mark.kind, marked)))

    async def store(self, user_id: str, kind: Said, seqs: Sequence[int], *, through: int = 0) -> Marked:
        """Writes a mark now. Every connection of the user hears what changed by it."""
        marked = await self._mark(user_id, kind, seqs, through)
        if marked.seqs:
            payload = pack(StateHint(_state(kind, marked)))
            if await self._bus.publish([(user_channel(user_id), payload)]) is None:
                self._fan_out.to_user(user_id, payload)  # without the bus, at least this node's connections
        if marked.maybe_shown:
            await self.on_maybe_shown()
        return marked

    async def _mark(self, user_id: str, kind: Said, seqs: Sequence[int], through: int) -> Marked:
        match kind:
            case "seen":
                return await inbox.mark_seen(self._pool, user_id, seqs)
            case "read":
                return await inbox.mark_read(self._pool, user_id, seqs, through)
            case "archived":
                return await archive.archive(self._pool, user_id, seqs)
            case "unarchived":
                return await archive.unarchive(self._pool, user_id, seqs)
            case _:
                assert_never(kind)

    async def store_ack(self, user_id: str, *, after: int, upto: int, background: bool) -> None:
        """Writes an ack of a client that has no connection: no more than its inbox holds."""
        metrics.acked.inc(await inbox.ack(self._pool, [inbox.Ack(user_id, after, upto, background)]))


async def _nobody() -> None:
    """Clears screens."""


def _ack(connection: Connection, after: int, upto: int) -> inbox.Ack:
    return inbox.Ack(connection.user_id, after, upto, connection.is_background)


def _state(kind: Said, marked: Marked) -> bytes:
    return frames.state(kind, marked.seqs, unread=marked.unread, head=marked.head, archive_rev=marked.archive_rev)
