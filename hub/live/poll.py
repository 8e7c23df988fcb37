"""A long poll: a connection that lasts until its inbox has something, or its time is over. Nothing is written to it:
what makes others write, or ask for a page, makes it look into the store."""

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from hub import cursor as cursors
from hub.cursor import Cursor
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.frames import FRAME_BYTES
from hub.live.framing import Encoded
from hub.live.refusal import Refused
from hub.notification import Entry, Page, entry_json
from hub.store import inbox
from hub.store.inbox import Position
from hub.store.postgres import Pool

LONGEST_WAIT_S = 60  # proxies' usual patience; a client asks for less where theirs is shorter
_ASK_AGAIN = (CloseCode.DRAIN, CloseCode.UNAVAILABLE)  # the next poll finds another node, or another inbox


class Poll:
    """`Wire` and `Feed` of its connection."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.direct = -1
        self._closed: CloseCode | None = None  # the node wants it to end
        self._stirred = asyncio.Event()

    def write(self, _: Encoded) -> None:
        """See Wire."""
        self._stirred.set()

    def finish(self, _: Encoded, __: int) -> None:
        """See Wire. Never `direct`."""

    def close(self, code: CloseCode) -> None:
        """See Wire."""
        self._closed = code
        self._stirred.set()

    def abort(self) -> None:
        """See Wire."""
        self.close(CloseCode.TOO_SLOW)

    def want_page(self, _: Connection) -> None:
        """See Feed."""
        self._stirred.set()

    async def grows(self, connection: Connection, *, beyond: int, until: float) -> bool:
        """Waits until the inbox has more than the entry `beyond`; False when the time, of the loop's clock, is over, or
        the node wants the client to ask again. Raises Refused when it ends this poll alone."""
        while connection.head <= beyond or self._closed is CloseCode.EXPIRED:
            if self._closed is not None:
                return self._ended(self._closed)
            self._stirred.clear()
            try:
                async with asyncio.timeout_at(until):
                    await self._stirred.wait()
            except TimeoutError:
                return False
        return True

    def _ended(self, code: CloseCode) -> bool:
        if code in _ASK_AGAIN:  # the answer so far is a good one
            return False
        if code is not CloseCode.EXPIRED:
            raise Refused(code, "the user has opened too many other connections since")
        over = self.connection is not None and self.connection.expires_at <= time.time()
        raise Refused(code, "the user token has expired" if over else "the user token was revoked")


class Look(NamedTuple):
    """What a poll found after the client's cursor."""

    entries: list[bytes]  # as JSON, oldest first
    gaps: list[tuple[int, int]]  # the first and the last of each
    cursor: str  # to continue with
    reset: bool  # the client has to forget what it has first
    head: int
    unread: int
    archive_rev: int


async def look(
    pool: Pool, poll: Poll, connection: Connection, cursor: Cursor | None, place: Position, *, wait_s: float, limit: int
) -> Look:
    """Looks until there is an entry after `cursor`, or `wait_s` are over. `place` is what was read since the connection
    was subscribed. Who has no cursor yet, or has to forget what came before it, is not kept waiting."""
    start = cursors.resume(cursor, head=place.head, found=place.id_at_seq)
    connection.begin(start.cursor.seq, place.head)
    patience_s = 0 if cursor is None or start.reset else wait_s
    page = await _page(pool, poll, connection, patience_s, limit)
    taken = _portion(page.entries)
    seqs = [entry.seq for entry in page.entries[: len(taken)]]
    whole = not page.full and len(taken) == len(page.entries)
    [now] = await inbox.positions(pool, [(connection.user_id, None)])
    return Look(
        entries=taken,
        gaps=_gaps(start.cursor.seq, seqs, page.head if whole else seqs[-1]),
        cursor=page.entries[len(taken) - 1].cursor if taken else str(start.cursor),
        reset=start.reset,
        head=now.head,
        unread=now.unread,
        archive_rev=now.archive_rev,
    )


async def _page(pool: Pool, poll: Poll, connection: Connection, patience_s: float, limit: int) -> Page:
    after = looked = connection.sent
    until = asyncio.get_running_loop().time() + patience_s
    page = Page(looked, [], full=False)
    while await poll.grows(connection, beyond=looked, until=until):
        looked = connection.head
        [page] = await inbox.pages(pool, [(connection.user_id, after)], limit=limit)
        if page.entries:
            break
        connection.page(page)  # all of it has expired: what comes behind is waited for
    return page


def _portion(entries: Sequence[Entry]) -> list[bytes]:
    """As many as fit into one answer, but one at least: it stays in memory until the client has read it."""
    taken: list[bytes] = []
    size = 0
    for entry in entries:
        encoded = entry_json(entry)
        size += len(encoded)
        if taken and size > FRAME_BYTES:
            break
        taken.append(encoded)
    return taken


def _gaps(after: int, seqs: Sequence[int], reaches: int) -> list[tuple[int, int]]:
    """What is missing from behind `after` to what this look reaches."""
    return [(low + 1, high - 1) for low, high in pairwise([after, *seqs, reaches + 1]) if high - low > 1]
