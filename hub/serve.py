"""Runs the hub under uvicorn."""

import gc
import socket
import sys

import uvicorn
import uvloop

from hub import logs
from hub.api.room import as_they_come
from hub.app import create_app
from hub.http import HarkHttp, with_deadlines
from hub.limits import LiveSettings
from hub.live.framing import MESSAGE_BYTES
from hub.live.node import Node
from hub.live.socket import HarkSocket
from hub.settings import Settings
from hub.workers import Workers

BACKLOG = 2048
SEND_BUFFER_BYTES = 64 * 1024
UNACKNOWLEDGED_MS = 20_000
STOP_TIMEOUT_S = 5
GARBAGE_THRESHOLD = 50_000


def serve(settings: Settings, *, workers: int) -> int:
    """Serves until SIGTERM or SIGINT, in this process or in several; gives the exit code."""
    host, port, several = settings.hub.host, settings.hub.port, workers > 1
    logs.configure(style=settings.hub.log_format, level=settings.hub.log_level, process="hub")
    try:
        # With several, this one never listens: it tells at once that the port is taken, and holds it while they start.
        listener = bind(host, port, shared=several)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {host}:{port}: {error.strerror}\n")
        return 1
    if not several:
        return _run(settings, listener)
    return Workers(workers, lambda: _run(settings, bind(host, port, shared=True))).run()


def _run(settings: Settings, listener: socket.socket) -> int:
    uvloop.run(_serve(settings, listener))
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    made = server(settings)
    # What lives now lives as long as the process, and connections are no garbage either: a collector that goes
    # through all of them every 70,000 objects takes an eighth of the time of a reconnect storm.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)
    await made.serve(sockets=[listener])


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """The socket to listen on; `shared` with other processes of ours. Raises OSError, as when the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by its name: asyncio sets TCP_NODELAY only on sockets that say they are TCP, and without it
    # every answer waits 40 ms for the client's delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # Accepted sockets inherit these. Unset, the kernel takes 2.9 MB for a client that reads nothing, and keeps a
    # connection whose peer is gone for a quarter of an hour.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(False)
    return listener


class HarkServer(uvicorn.Server):
    """Sends its clients elsewhere before it stops as uvicorn does."""

    def __init__(self, config: uvicorn.Config, node: Node) -> None:
        super().__init__(config)
        self._node = node

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Until the drain is over, requests are answered; a second Ctrl-C ends it."""
        await self._node.drain(hurry=lambda: self.force_exit)
        await super().shutdown(sockets)


def _http(live: LiveSettings) -> type[HarkHttp]:
    return with_deadlines(header_s=live.header_deadline_s, body_s=live.body_deadline_s, stall_s=live.stall_deadline_s)


def server(settings: Settings) -> HarkServer:
    """A uvicorn server for one node; to be made inside the loop it will run in."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=_http(settings.live),
        ws=HarkSocket,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,  # 57 KiB a connection instead of 3, for messages of 200 bytes
        ws_ping_interval=None,  # hub.live.heartbeat pings, with one timer for all
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        lifespan="on",
        proxy_headers=bool(settings.hub.trusted_proxies),
        forwarded_allow_ips=list(map(str, as_they_come(settings.hub.trusted_proxies))),
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return HarkServer(config, app.state.node)
