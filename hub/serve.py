"""Runs the hub under uvicorn."""

import socket
import sys

import uvicorn
import uvloop

from hub import logs
from hub.app import create_app
from hub.live.socket import HarkSocket
from hub.settings import Settings

MESSAGE_BYTES = 64 * 1024  # the largest frame a client may send
BACKLOG = 2048
STOP_TIMEOUT_S = 5


def serve(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT; gives the exit code."""
    logs.configure(style=settings.hub.log_format, level=settings.hub.log_level, process="hub")
    try:
        listener = listen(settings.hub.host, settings.hub.port)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {settings.hub.host}:{settings.hub.port}: {error.strerror}\n")
        return 1
    uvloop.run(_serve(settings, listener))
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    await server(settings).serve(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Raises OSError, as when the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by its name: asyncio sets TCP_NODELAY only on sockets that say they are TCP, and without it
    # every answer waits 40 ms for the client's delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(False)
    return listener


def server(settings: Settings) -> uvicorn.Server:
    """A uvicorn server for one node; to be made inside the loop it will run in."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            ws=HarkSocket,
            ws_max_size=MESSAGE_BYTES,
            ws_per_message_deflate=False,  # 57 KiB a connection instead of 9, for messages of 200 bytes
            ws_ping_interval=None,  # hub.live.heartbeat pings, with one timer for all
            backlog=BACKLOG,
            timeout_graceful_shutdown=STOP_TIMEOUT_S,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
