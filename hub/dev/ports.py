"""TCP ports on 127.0.0.1: is the one that was asked for free, and which others are."""

import random
import socket

from hub.dev.errors import PortTakenError

LOOPBACK = "127.0.0.1"
# Below what systems hand to outgoing connections (Linux from 32768, macOS from 49152 on): up there, a client
# that retries a restarting server can be given that very port, connect to itself, and keep the server out.
FIRST, LAST = 20_000, 29_999


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now. Raises PermissionError where only root may."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do; closed connections do not count
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise
        except OSError:
            return False
        return True


def require_free(port: int) -> None:
    """Raises PortTakenError unless a server could listen on `port` now."""
    try:
        if not is_free(port):
            raise PortTakenError(f"port {port} is in use by another program; take another one with --port")
    except PermissionError:
        raise PortTakenError(f"port {port} is for root only; take one from 1024 on with --port") from None


def free_ports(count: int, *, whose: str | None = None) -> list[int]:
    """`count` different ports that nobody listens on; the same again for the same `whose`, as long as they are free.
    Nothing reserves them: start the servers soon."""
    found: list[int] = []
    for port in random.Random(whose).sample(range(FIRST, LAST + 1), k=LAST - FIRST + 1):  # noqa: S311 - no secret
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    return found
