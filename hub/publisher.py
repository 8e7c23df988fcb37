"""The publishing half of the bus."""

from collections.abc import Sequence

from hub.redis_link import RedisLink, command
from hub.redis_names import RedisNames

TIMEOUT_S = 0.5
_PING = command("PING")


class Publisher:
    """Publishes in the order it is asked to."""

    def __init__(self, url: str, names: RedisNames) -> None:
        self._names = names
        self._link = RedisLink(url, timeout_s=TIMEOUT_S)

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> list[int] | None:
        """Publishes (channel, payload)s; gives the number of subscribers of each, or None: Redis is away."""
        name = self._names.channel
        return await self._link.ask([command("PUBLISH", name(channel), payload) for channel, payload in messages])

    async def ping(self) -> bool:
        """Whether Redis answers."""
        return await self._link.ask([_PING]) is not None

    async def aclose(self) -> None:
        """Closes the link."""
        await self._link.aclose()
