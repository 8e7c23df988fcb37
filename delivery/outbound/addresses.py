"""Names to addresses, each checked. Lookups run in threads of their own: one name server that hangs must hold up
neither the process' other lookups nor those of other names, and nobody who stops the process."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

from delivery.outbound.networks import Network, is_allowed

AT_ONCE = 64  # threads, one a name; of more names that hang at once than this, the others wait


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
        self._threads = asyncio.Semaphore(AT_ONCE)
        self._looking: dict[str, asyncio.Task[list[str]]] = {}

    async def resolve(self, host: str) -> list[str]:
        """All its addresses, of which every one may be called. Raises NoAddressError, ForbiddenAddressError."""
        addresses = await self._look_up(host)
        if not all(is_allowed(address, self._own) for address in addresses):
            raise ForbiddenAddressError
        return addresses

    def close(self) -> None:
        """Waits for no lookup."""
        for looking in self._looking.values():
            looking.cancel()

    async def _look_up(self, host: str) -> list[str]:
        """Who asks for a name that is being looked up hears the same answer."""
        looking = self._looking.get(host)
        if looking is None:
            looking = self._looking[host] = asyncio.create_task(self._look_up_alone(host))
            looking.add_done_callback(lambda _: self._looking.pop(host))
        return await asyncio.shield(looking)

    async def _look_up_alone(self, host: str) -> list[str]:
        async with self._threads:
            answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
            # Daemons: the standard library's pools wait at the process' end for whatever a name server does.
            threading.Thread(target=_answer, args=(self._ask, host, answer), daemon=True).start()
            found = await answer
        if not found:
            raise NoAddressError
        return found


def _answer(ask: Callable[[str], list[str]], host: str, answer: "asyncio.Future[list[str]]") -> None:
    """In a thread."""

    def say() -> None:
        if not answer.done():  # nobody may wait for it any more
            answer.set_result(found)

    found: list[str] = []
    with contextlib.suppress(NoAddressError):
        found = ask(host)
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        answer.get_loop().call_soon_threadsafe(say)


def system_addresses(host: str) -> list[str]:
    """What the system's resolver says."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAddressError from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
