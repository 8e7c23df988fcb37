"""What one client, one address and one node may take. Values, and the rule that counts frames; no I/O."""

from typing import Annotated

import msgspec
from msgspec import Meta

BURST_S = 10.0  # a client that was silent may say this many seconds' frames at once: after a replay it acks a lot


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Clocks and limits of the live layer."""

    ping_s: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="Seconds between pings; silent until the next, a client is dropped. Below proxies' 30.",
        ),
    ] = 25.0
    hello_deadline_s: Annotated[
        float, Meta(gt=0, le=60, description="Seconds a new socket has to say hello; phones need a few.")
    ] = 5.0
    header_deadline_s: Annotated[
        float, Meta(gt=0, le=60, description="Seconds a request has for its headers; a slow attacker holds no socket.")
    ] = 10.0
    body_deadline_s: Annotated[
        float, Meta(gt=0, le=600, description="Seconds a request has for its body, behind its headers; 4 MiB at most.")
    ] = 30.0
    stall_deadline_s: Annotated[
        float,
        Meta(gt=0, le=300, description="Seconds a client may leave its full socket unread before it is dropped."),
    ] = 20.0
    position_check_s: Annotated[
        float,
        Meta(gt=0, le=60, description="Seconds between looks for connections that missed a last hint, in one query."),
    ] = 5.0
    drain_s: Annotated[
        float,
        Meta(ge=0, le=600, description="Seconds over which a stopping hub sends its clients elsewhere, one by one."),
    ] = 10.0
    frames_per_s: Annotated[
        float,
        Meta(gt=0, le=10_000, description="Frames a second one client may say; acks are cumulative, so 30 is a lot."),
    ] = 30.0
    user_connections: Annotated[
        int, Meta(ge=1, le=10_000, description="Connections of one user on a node; one more, and the oldest goes.")
    ] = 20
    node_connections: Annotated[
        int,
        Meta(ge=1, le=1_000_000, description="Sockets of a node; further ones get a 503. Below its open-files limit."),
    ] = 15_000
    unproven_per_address: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Sockets of one IP address without a valid hello, now or in the last seconds. Raise it where "
            "very many share one: a proxy that is not named, a carrier's NAT.",
        ),
    ] = 20
    handshakes_per_s: Annotated[
        float,
        Meta(
            ge=1 / BURST_S,  # with less not even one could open
            le=100_000,
            description="Sockets a second that may open on a node, and ten seconds' at once; 1,000 take half a core.",
        ),
    ] = 1000.0


class RateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of the REST API; 0: none."""

    key_rate: Annotated[
        float,
        Meta(ge=0, description="Notifications a second that one API key may send, and at once; 0: no limit."),
    ] = 50_000.0
    user_rate: Annotated[
        float,
        Meta(ge=0, description="Notifications a second to one user: a buggy sender must not flood a person; 0: none."),
    ] = 200.0
    user_burst: Annotated[int, Meta(ge=1, description="Notifications to one user at once.")] = 5_000
    address_rate: Annotated[
        float,
        Meta(
            ge=0,
            description="Requests a second, and at once, from one address whose key is not known to be good; 0: none.",
        ),
    ] = 100.0
    rate_hubs: Annotated[
        int,
        Meta(ge=1, description="Hub processes that share these limits: while Redis is away each allows its part."),
    ] = 1


class Allowance:
    """Frames a client may still say: refilled all the time, up to a burst."""

    __slots__ = ("_at", "_left")

    def __init__(self, now: float, *, per_s: float) -> None:
        self._left = per_s * BURST_S
        self._at = now

    def take(self, now: float, *, per_s: float) -> bool:
        """Whether one more frame at `now` (monotonic seconds) is allowed."""
        self._left = min(per_s * BURST_S, self._left + (now - self._at) * per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
