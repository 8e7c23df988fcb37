"""Whether this node takes one more live connection, by whatever road."""

from starlette.requests import HTTPConnection

from hub.api.problem import Problem
from hub.live.node import Node

RETRY_AFTER_S = "5"


def address(connection: HTTPConnection) -> str:
    """The IP address a client comes from; behind a proxy, what the proxy says."""
    return connection.client.host if connection.client else ""


def refusal(node: Node, connection: HTTPConnection) -> Problem | None:
    """The 503 of a node that is full or stops."""
    if node.has_room(address(connection)):
        return None
    return Problem(503, "no more connections here right now", headers={"Retry-After": RETRY_AFTER_S})
