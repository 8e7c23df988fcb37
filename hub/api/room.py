"""Whether this node takes one more live connection, by whatever road, and whom it counts as."""

import ipaddress

from starlette.requests import HTTPConnection

from hub.api.problem import Problem
from hub.live.node import Node

RETRY_AFTER_S = "5"
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


def refusal(node: Node, connection: HTTPConnection) -> Problem | None:
    """The 503 of a node that is full or stops."""
    if node.has_room(address(connection)):
        return None
    return Problem(503, "no more connections here right now", headers={"Retry-After": RETRY_AFTER_S})
