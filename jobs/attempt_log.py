"""Writing attempts down: whatever entries in hand have to say at the same time is one statement."""

import asyncio
from collections.abc import Sequence
from itertools import chain, islice
from typing import NoReturn, TypeAlias

from hub.batcher import Batcher
from hub.store import attempts
from hub.store.attempts import Begun, Ended, Moved
from hub.store.postgres import Pool

ROWS = 500  # in one statement

Line: TypeAlias = Ended | Moved


class AttemptLog:
    """To be made inside the loop it will run in. Its futures raise what Postgres raises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._begins: Batcher[Sequence[Begun], bool] = Batcher(self._begin, limit=ROWS, weight=len)
        self._lines: Batcher[Line, None] = Batcher(self._write, limit=ROWS)

    async def serve(self) -> NoReturn:
        """Writes until cancelled."""
        await asyncio.gather(self._begins.serve(), self._lines.serve())
        raise AssertionError("batchers have no end")

    def begin(self, attempts_at_once: Sequence[Begun]) -> asyncio.Future[bool]:
        """Of one entry. False: call no provider, for an ack stopped its ladder, or another worker has it."""
        return self._begins.submit(attempts_at_once)

    def write(self, line: Line) -> asyncio.Future[None]:
        """What a provider answered, or where the entry goes."""
        return self._lines.submit(line)

    async def _begin(self, entries: list[Sequence[Begun]]) -> list[bool]:
        begun = iter(await attempts.begin(self._pool, list(chain.from_iterable(entries))))
        return [all(list(islice(begun, len(entry)))) for entry in entries]

    async def _write(self, lines: list[Line]) -> list[None]:
        ended = [line for line in lines if isinstance(line, Ended)]
        moved = [line for line in lines if isinstance(line, Moved)]
        if ended:
            await attempts.end(self._pool, ended)
        if moved:
            await attempts.move(self._pool, moved)
        return [None] * len(lines)
