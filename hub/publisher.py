"""The publishing half of the bus: one link, one round trip for any number of messages.

redis-py's pipeline waits for each answer under a deadline of its own, which costs more than the publish; here one
deadline holds for all of them.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog
from hiredis import pack_command
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

log = structlog.get_logger()

PREFIX = "hark:"  # before every channel
TIMEOUT_S = 0.5
_PING = pack_command(("PING",))
PAUSE_S = 2.0  # after a failure none is tried for this long: senders must not queue behind a dead Redis


def key(channel: str) -> bytes:
    """A channel's name in Redis."""
    return f"{PREFIX}{channel}".encode()


def _publish(channel: str, payload: bytes) -> bytes:
    """By hiredis itself: redis-py's own way there costs more than all the rest."""
    packed: bytes = pack_command(("PUBLISH", key(channel), payload))  # type: ignore[arg-type] # of any length
    return packed


class Publisher:
    """Publishes in the order it is asked to."""

    def __init__(self, url: str) -> None:
        self._links = ConnectionPool.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_keepalive=True)
        self._link: AbstractConnection | None = None
        self._turn = asyncio.Lock()
        self._again_at = 0.0

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> list[int] | None:
        """Publishes (channel, payload)s; gives the number of subscribers of each, or None: Redis is away."""
        async with self._turn:
            if time.monotonic() < self._again_at:
                return None
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    return await self._round_trip(messages)
            except (RedisError, OSError) as error:
                self._again_at = time.monotonic() + PAUSE_S
                log.warning("publisher.failed", messages=len(messages), error=type(error).__name__)
                return None

    async def ping(self) -> bool:
        """Whether Redis answers."""
        return await self.publish([]) is not None

    async def aclose(self) -> None:
        """Closes the link."""
        async with self._turn:
            await self._drop()

    async def _round_trip(self, messages: Sequence[tuple[str, bytes]]) -> list[int]:
        if self._link is None:
            self._link = self._links.make_connection()  # type: ignore[no-untyped-call]
        whole = False
        try:
            await self._link.connect()
            commands = [_publish(name, payload) for name, payload in messages] or [_PING]
            await self._link.send_packed_command(commands, check_health=False)
            answers = [await self._link.read_response() for _ in commands]
            whole = True
        finally:
            if not whole:  # answers that nobody read would be taken for the next caller's
                await self._drop()
        return answers

    async def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.disconnect(nowait=True)
