"""A raw link to Redis: any number of commands in one round trip, under one deadline.

redis-py's pipeline packs in Python and waits for each answer under a deadline of its own, which costs more than the
commands do.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from hiredis import Reader, pack_command
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

log = structlog.get_logger()

READ_BYTES = 256 * 1024
PAUSE_S = 2.0  # after a failure none is tried for this long: callers must not queue behind a dead Redis
GRACE_S = 0.05  # to read what came meanwhile, when this process was what slept


def command(*words: str | bytes | int) -> bytes:
    """A command as it travels."""
    packed: bytes = pack_command(words)  # type: ignore[arg-type] # of any length
    return packed


@contextlib.asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """`asyncio.timeout` for a fault of the other side: TimeoutError after `seconds`, and a moment in which the loop
    reads. One that was held up meanwhile would find its time over before it looked at the answer, which is there."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as timeout:
        over = loop.call_later(seconds, lambda: timeout.reschedule(loop.time() + GRACE_S))
        try:
            yield
        finally:
            over.cancel()


class Replies:
    """What Redis says on a connected link. Not its `read_response()`, which is a coroutine and a dozen calls each."""

    def __init__(self, link: AbstractConnection) -> None:
        self._stream = link._reader  # noqa: SLF001 - redis-py shows no other way
        self._parser = Reader(replyError=ResponseError)

    async def read(self) -> list[Any]:
        """All that one read of the socket brought, errors too. Raises ConnectionResetError at its end."""
        replies: list[Any] = []
        while not replies:
            data = await self._stream.read(READ_BYTES) if self._stream else b""
            if not data:
                raise ConnectionResetError("Redis closed the link")
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not False:
                replies.append(reply)
        return replies


class RedisLink:
    """One connection, made when first used. Callers take turns, in the order they came.

    `first` are commands that every new connection begins with.
    """

    def __init__(self, url: str, *, timeout_s: float, first: Sequence[bytes] = ()) -> None:
        self._links = ConnectionPool.from_url(url, socket_connect_timeout=timeout_s, socket_keepalive=True)
        self._timeout_s = timeout_s
        self._first = first
        self._link: AbstractConnection | None = None
        self._turn = asyncio.Lock()
        self._again_at = 0.0

    async def ask(self, commands: Sequence[bytes]) -> list[Any] | None:
        """The answers to commands, or None: Redis is away."""
        async with self._turn:
            if time.monotonic() < self._again_at:
                return None
            try:
                async with within(self._timeout_s):
                    return await self._round_trip(commands)
            except (RedisError, OSError) as error:
                self._again_at = time.monotonic() + PAUSE_S
                log.warning("redis.failed", commands=len(commands), error=type(error).__name__)
                return None

    async def aclose(self) -> None:
        """Closes the link."""
        async with self._turn:
            await self._drop()

    async def _round_trip(self, commands: Sequence[bytes]) -> list[Any]:
        first: Sequence[bytes] = ()
        if self._link is None:
            self._link = self._links.make_connection()  # type: ignore[no-untyped-call]
            first = self._first
        whole = False
        try:
            await self._link.connect()
            await self._link.send_packed_command([*first, *commands], check_health=False)
            replies = Replies(self._link)
            answers: list[Any] = []
            while len(answers) < len(first) + len(commands):
                answers += await replies.read()
            for answer in answers:
                if isinstance(answer, ResponseError):
                    raise answer
            whole = True
        finally:
            if not whole:  # answers that nobody read would be taken for the next caller's
                await self._drop()
        return answers[len(first) :]

    async def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.disconnect(nowait=True)
