"""Where a client comes from, as limits count it, and what it is told when there is no room for it."""

import ipaddress
from collections.abc import Sequence

from starlette.requests import HTTPConnection

from delivery.outbound.networks import Network, is_among, networks
from hub.api.problem import Problem

RETRY_AFTER_S = "5"
IPV4 = 4
IPV6_PREFIX = 64  # what one customer of a provider has


def address(connection: HTTPConnection) -> str:
    """Where a client comes from, as limits count it: an IPv4 address or an IPv6 network; behind a proxy, what the proxy
    says."""
    return network_of(connection.client.host) if connection.client else ""


def network_of(address: str) -> str:
    """An IPv6 address stands for its whole network: its owner has all of them."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if found.ipv4_mapped is not None:  # as a socket of both families names it
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), IPV6_PREFIX), strict=False))


def as_they_come(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Our proxies, by each name that a connection may have for them: a socket of both families gives IPv4 addresses as
    IPv6 ones (RFC 4291 §2.5.5.2)."""
    named = networks(proxies)
    ipv4 = [network for network in named if network.version == IPV4]
    return *named, *networks(f"::ffff:{network.network_address}/{96 + network.prefixlen}" for network in ipv4)


def source(connection: HTTPConnection, proxies: Sequence[Network]) -> str | None:
    """The address; None when it is that of one of our proxies, which did not say whom it serves."""
    if connection.client is None or _is_among(connection.client.host, proxies):
        return None
    return address(connection)


def _is_among(host: str, proxies: Sequence[Network]) -> bool:
    try:
        return is_among(host, proxies)
    except ValueError:  # whatever a proxy says
        return False


def full() -> Problem:
    """The 503 of a node that takes no more."""
    return Problem(503, "no more connections here right now", headers={"Retry-After": RETRY_AFTER_S})
