"""Django Channels with channels_redis (its pub/sub layer) on uvicorn, and a Valkey of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.dialogue import Dialogue
from bench.server import Running
from bench.servers import python_peers
from bench.servers.stores import valkey
from hub.dev.ports import LOOPBACK, free_ports


class DjangoChannels:
    """See bench/programs/django_channels.py."""

    name = "channels"
    title = "Channels (Django)"
    install = python_peers.INSTALL
    installs_in_cache = True
    pace = 0.5  # 5,000 deliveries take it more than a second and a half

    def absent(self) -> str | None:
        """See Server."""
        return python_peers.absent("channels_redis")

    async def version(self) -> str:
        """See Server."""
        return await python_peers.versions("channels", "channels_redis", "uvicorn")

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        at = f"{LOOPBACK}:{port}"
        async with (
            valkey(folder) as broker,
            python_peers.uvicorn("django_channels", port, folder, {"REDIS_URL": broker.url}) as pid,
        ):
            yield Running(
                pid=pid,
                beside=(broker.pid,),
                everyone=Dialogue(socket=f"{at}/ws", publish=f"{at}/pub"),
                one=Dialogue(socket=f"{at}/ws?u=u{{i}}", publish=f"{at}/pub?u=u{{i}}"),
            )
