"""The simulated Web Push service over HTTP (RFC 8030): servers push, browsers unsubscribe."""

import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.simulator.deliveries import Deliveries, Delivery
from delivery.simulator.device_desk import origin
from delivery.simulator.devices import Device, read_device
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.gone import Gone
from delivery.simulator.hang import body_of, on_the_way
from delivery.simulator.push import MAX_BODY_BYTES, receive
from delivery.simulator.refused import Refused
from delivery.simulator.worker import is_over_after


class PushService:
    """Its routes, over what was sent and the faults asked for, which other simulated providers share."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone

    def routes(self) -> list[Route]:
        return [
            Route("/push/{device_id}", self.push, methods=["POST"]),
            Route("/push/{device_id}", self.unsubscribe, methods=["DELETE"]),
        ]

    async def unsubscribe(self, request: Request) -> Response:
        """What the user does in the browser's settings: every later push gets a 410."""
        known = read_device(request.path_params["device_id"])
        if known is None:
            return _refusal(_NEVER_ISSUED)
        self._gone.leave(known.id, datetime.now(UTC))
        return Response(status_code=204)

    async def push(self, request: Request) -> Response:
        """A server's push message: 201 once it is recorded as delivered."""
        body = await body_of(request, MAX_BODY_BYTES)
        known = read_device(request.path_params["device_id"])
        if known is None:
            return _refusal(_NEVER_ISSUED)
        fault = self._faults.take(known.id, "webpush")
        if fault is None:
            return self._answer(request, known, body)
        answer = _met(fault) if fault.refuses else self._answer(request, known, body)
        return await on_the_way(request, fault, answer)

    def _answer(self, request: Request, known: Device, body: bytes) -> Response:
        if self._gone.since(known.id) is not None:
            return _refusal(Refused(410, "unsubscribed"))
        here = origin(request)
        received = receive(known, request.headers, body, origin=here, now=datetime.now(UTC))
        if not isinstance(received, Delivery):
            return _refusal(received)
        self._deliveries.close(known.id, is_over_after(received))
        self._deliveries.record(known.id, received, topic=received.headers.get("topic"))
        message_url = f"{here}/message/{secrets.token_urlsafe(16)}"
        return Response(status_code=201, headers={"location": message_url, "ttl": received.headers["ttl"]})


_NEVER_ISSUED = Refused(404, "no such subscription was ever issued")


def _met(fault: Fault) -> Response:
    reason = fault.reason if fault.reason is not None else "a fault that was asked for"
    return _refusal(Refused(fault.status or 503, reason), fault)


def _refusal(refused: Refused, fault: Fault | None = None) -> Response:
    headers = {"www-authenticate": "vapid"} if refused.status == 401 else {}
    if fault is not None and fault.retry_after_s is not None:
        headers["retry-after"] = str(fault.retry_after_s)
    return Response(refused.reason, refused.status, headers=headers, media_type="text/plain")
