"""The simulated Apple Push Notification service: what HTTP/2 connections ask of it."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from delivery.simulator.apns_push import STATUS_OF, STATUSES, Reason, badge, device_token, receive
from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.gone import Gone
from delivery.simulator.http2 import Reply, Request
from delivery.simulator.provider_token import Claims, Issuer, fault, verified

_SCHEME = "bearer "


class ApnsService:
    """A `Service` for the HTTP/2 server, over what other simulated providers share."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone, issuer: Issuer) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone
        # Verifying costs as much as all the rest of a push, and a provider says the same token for half an hour.
        self._verified = lru_cache(maxsize=100)(lambda token: verified(token, issuer))

    def visited(self, *, certified: bool) -> "ApnsVisit":
        return ApnsVisit(self, certified=certified)

    def claims(self, token: str) -> Claims | None:
        """What a token says, if it is of a key that we know."""
        return self._verified(token)

    def push(self, request: Request, now: datetime) -> Reply:
        """An authenticated request."""
        token = device_token(request)
        if isinstance(token, Reason):
            return _refusal(token.reason, request, now)
        met = self._faults.take(token, "apns")
        if met is None:
            return self._take(token, request, now)
        if met.refuses:
            return _met(met, request, now)
        reply = self._take(token, request, now)
        return reply._replace(after_s=met.hang_s, accident=met.accident)

    def _take(self, token: str, request: Request, now: datetime) -> Reply:
        received = receive(request, now)
        if isinstance(received, Reason):
            return _refusal(received.reason, request, now)
        since = self._gone.since(token)
        if since is not None:
            return _refusal("Unregistered", request, since)
        shown = received.headers["apns-push-type"] == "alert"
        topic = received.headers.get("apns-collapse-id")
        self._deliveries.record(token, received, topic=topic, shown=shown, badge=badge(received.payload))
        return Reply(200, _id(request))


class ApnsVisit:
    """One connection: it keeps to one way of authenticating, and to one token for a while."""

    def __init__(self, service: ApnsService, *, certified: bool) -> None:
        self._service = service
        self._certified = certified
        self._claims: Claims | None = None

    def answer(self, request: Request) -> Reply:
        now = datetime.now(UTC)
        refused = self._authenticate(request.headers.get("authorization", ""), now)
        return _refusal(refused, request, now) if refused else self._service.push(request, now)

    def _authenticate(self, authorization: str, now: datetime) -> str | None:
        if self._certified and not authorization:
            return None
        if not authorization.startswith(_SCHEME):
            return "MissingProviderToken"
        claims = self._service.claims(authorization.removeprefix(_SCHEME))
        if claims is None:
            return "InvalidProviderToken"
        refused = fault(claims, self._claims, now)
        if refused is None:
            self._claims = claims
        return refused


def _refusal(reason: str, request: Request, since: datetime, *, status: int | None = None) -> Reply:
    """`since` is told with what is said of dead tokens."""
    found = status or STATUS_OF.get(reason, 400)
    body: dict[str, object] = {"reason": reason}
    if found == 410:
        body["timestamp"] = int(since.timestamp() * 1000)
    return Reply(found, _id(request), msgspec.json.encode(body))


def _met(met: Fault, request: Request, now: datetime) -> Reply:
    status = met.status or STATUS_OF.get(met.reason or "", 400)
    reason = STATUSES.get(status, ("",))[0] if met.reason is None else met.reason
    reply = _refusal(reason, request, met.since or now, status=status) if reason else Reply(status, _id(request))
    waits = {} if met.retry_after_s is None else {"retry-after": str(met.retry_after_s)}
    return reply._replace(headers=reply.headers | waits, after_s=met.hang_s, accident=met.accident)


def _id(request: Request) -> dict[str, str]:
    return {"apns-id": request.headers.get("apns-id", "")}
