"""Names to addresses, each checked. Lookups run in threads of their own: one name server that hangs must hold up
neither the process' other lookups nor those of other names."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from delivery.outbound.networks import Network, is_allowed

THREADS = 64  # one a name; of more names that hang at once than this, the others wait


class NoAddressError(Exception):
    """The name has none, or no name server says so."""


class ForbiddenAddressError(Exception):
    """One of its addresses is not to be called; then none is."""


class Resolver:
    """To be used inside one event loop."""

    def __init__(self, own: Sequence[Network] = (), look_up: Callable[[str], list[str]] | None = None) -> None:
        """`own` are networks that may be called in spite of what they are. `look_up`, the system's unless given, may
        block, and raises NoAddressError."""
        self._own = own
        self._ask = look_up or system_addresses
        self._threads = ThreadPoolExecutor(THREADS, "resolver")
        self._looking: dict[str, asyncio.Future[list[str]]] = {}

    async def resolve(self, host: str) -> list[str]:
        """All its addresses, of which every one may be called. Raises NoAddressError, ForbiddenAddressError."""
        addresses = await self._look_up(host)
        if not all(is_allowed(address, self._own) for address in addresses):
            raise ForbiddenAddressError
        return addresses

    def close(self) -> None:
        """Waits for no lookup."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str) -> list[str]:
        """Who asks for a name that is being looked up hears the same answer."""
        looking = self._looking.get(host)
        if looking is None:
            loop = asyncio.get_running_loop()
            looking = loop.run_in_executor(self._threads, partial(self._ask, host))
            self._looking[host] = looking
            looking.add_done_callback(lambda _: self._looking.pop(host))
        return await asyncio.shield(looking)


def system_addresses(host: str) -> list[str]:
    """What the system's resolver says."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise NoAddressError from None
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not addresses:
        raise NoAddressError
    return addresses
