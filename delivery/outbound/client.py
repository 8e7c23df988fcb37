"""The one client for URLs that somebody gave us: it connects to an address that was checked, and to no other.

A name is looked up once for each connection, every address of it is checked, and the connection goes to one of them,
while TLS and `Host` keep to the name: whatever the name says a moment later, nobody asks it again. It follows no
redirect, takes no proxy from the environment, keeps no cookie, unpacks nothing and reads only the beginning of an
answer. A connection that is kept for the next request stays with the address that was checked.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterable, Mapping, Sequence

import httpcore
from httpcore import SOCKET_OPTION

from delivery.answer import Answer
from delivery.outbound import url as urls
from delivery.outbound.addresses import ForbiddenAddressError, NoAddressError, Resolver
from delivery.outbound.failed import Failed, Why
from delivery.outbound.networks import Network, is_among
from delivery.outbound.url import Place

DEADLINE_S = 10.0  # for all of a request, from looking up the name on
BODY_BYTES = 64 * 1024
KEPT_S = 5.0  # below the shortest keep-alive of servers (Node.js): what is kept is not closed in our face

_PORTS = frozenset({443, 8443})  # a stranger's endpoint is not to be our way to databases, mail servers and the like
_HTTP_PORT = 80
_NEXT_ADDRESS_S = 2.0  # the first of several may be one of IPv6 that leads nowhere


class _PortNotAllowedError(Exception):
    pass


class Outbound:
    """To be used inside one event loop."""

    def __init__(
        self,
        *,
        own: Sequence[Network] = (),
        http: bool = False,
        extra_ca: str = "",
        deadline_s: float = DEADLINE_S,
        resolver: Resolver | None = None,
    ) -> None:
        """`own` are networks that may be called in spite of what they are, by any port; `http`: without TLS, too;
        `extra_ca` (PEM) is trusted beside the system's authorities. ValueError when it cannot be used."""
        self._http = http
        self._deadline_s = deadline_s
        self._resolver = resolver or Resolver(own)
        self._door = _Door(self._resolver, own, ports=_PORTS | ({_HTTP_PORT} if http else frozenset()))
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trusting(extra_ca),
            max_connections=None,  # who asks bounds what is on its way; a common bound would let one hold up others
            keepalive_expiry=KEPT_S,
            network_backend=self._door,
        )

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer | Failed:
        """The answer, or why there is none by the deadline. The headers are ours: they are not checked."""
        place = self._place(url)
        if place is None:
            return Failed("url_not_allowed")
        try:
            return await self._post(place, [("user-agent", "hark"), *headers.items()], body)
        except _FAILURES as error:
            return Failed(_why(error))

    async def check(self, url: str) -> Failed | None:
        """None for a URL that may be called as far as can be known now; calls nobody."""
        place = self._place(url)
        if place is None:
            return Failed("url_not_allowed")
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._door.addresses(place.host, place.port)
        except _FAILURES as error:
            return Failed(_why(error))
        return None

    async def aclose(self) -> None:
        """Closes the connections; what is on its way is lost."""
        await self._pool.aclose()
        self._resolver.close()

    def _place(self, url: str) -> Place | None:
        place = urls.read(url)
        return place if place is not None and (self._http or place.scheme == "https") else None

    async def _post(self, place: Place, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        until = asyncio.get_running_loop().time() + self._deadline_s
        url = httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        async with (
            asyncio.timeout_at(until) as waiting,
            self._pool.stream("POST", url, headers=headers, content=body) as response,
        ):
            waiting.reschedule(None)
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, said, await _beginning(response, until))


class _Door(httpcore.AsyncNetworkBackend):
    """Where the pool's connections come from."""

    def __init__(self, resolver: Resolver, own: Sequence[Network], *, ports: frozenset[int]) -> None:
        self._resolver = resolver
        self._own = own
        self._ports = ports
        self._sockets = httpcore.AnyIOBackend()

    async def addresses(self, host: str, port: int) -> list[str]:
        """Those that may be connected to."""
        found = await self._resolver.resolve(host)
        if port not in self._ports and not all(is_among(address, self._own) for address in found):
            raise _PortNotAllowedError
        return found

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's; ours is around all of a request
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """To one of the host's addresses."""
        *others, last = await self.addresses(host, port)
        for address in others:
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._sockets.connect_tcp(address, port, _NEXT_ADDRESS_S, local_address, socket_options)
        return await self._sockets.connect_tcp(last, port, None, local_address, socket_options)


async def _beginning(response: httpcore.Response, until: float) -> bytes:
    """The first bytes of the body; whatever goes wrong here, the status has been said and counts."""
    body = b""
    with contextlib.suppress(httpcore.NetworkError, httpcore.ProtocolError, TimeoutError):
        async with asyncio.timeout_at(until):
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) >= BODY_BYTES:
                    break
    return body[:BODY_BYTES]


def _trusting(extra_ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra_ca:
        try:
            context.load_verify_locations(cadata=extra_ca)
        except ssl.SSLError as error:
            raise ValueError(f"TLS cannot be used: {error.reason or error}") from None
    return context


_WHYS: Mapping[type[Exception], Why] = {
    ForbiddenAddressError: "address_not_allowed",
    _PortNotAllowedError: "url_not_allowed",
    NoAddressError: "no_address",
    httpcore.ConnectError: "no_connection",
    httpcore.NetworkError: "connection_lost",
    httpcore.ProtocolError: "connection_lost",
}


_FAILURES: tuple[type[Exception], ...] = (*_WHYS, TimeoutError)


def _why(error: BaseException) -> Why:
    if isinstance(error, httpcore.ConnectError) and _is_about_tls(error):
        return "tls_failed"
    return next((why for kind, why in _WHYS.items() if isinstance(error, kind)), "timeout")


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether TLS is what it came from. The pool takes away an error's cause, and leaves its context."""
    return error is not None and (isinstance(error, ssl.SSLError) or _is_about_tls(error.__context__))
