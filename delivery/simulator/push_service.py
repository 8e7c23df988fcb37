"""The simulated Web Push service over HTTP: browsers subscribe, servers push (RFC 8030)."""

import asyncio
import secrets
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.simulator.deliveries import DEVICES, Deliveries, Delivery
from delivery.simulator.devices import NAME_PATTERN, Device, device, read_device
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.push import MAX_BODY_BYTES, receive
from delivery.simulator.refused import Refused

_Name = Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)]
_ApplicationServerKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{87}=?\Z")]


class _Wanted(msgspec.Struct, frozen=True, rename={"application_server_key": "applicationServerKey"}):
    device: _Name | None = None
    application_server_key: _ApplicationServerKey | None = None


class PushService:
    """Its routes, over what was sent and the faults asked for, which other simulated providers share."""

    def __init__(self, deliveries: Deliveries, faults: Faults) -> None:
        self._deliveries = deliveries
        self._faults = faults
        # Unsubscribed devices, oldest first; forgotten at a restart, and beyond this many.
        self._gone: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> list[Route]:
        return [
            Route("/devices", self.subscribe, methods=["POST"]),
            Route("/push/{device_id}", self.push, methods=["POST"]),
            Route("/push/{device_id}", self.unsubscribe, methods=["DELETE"]),
        ]

    async def subscribe(self, request: Request) -> Response:
        """What `pushManager.subscribe()` does; a device that had unsubscribed is back."""
        wanted = msgspec.json.decode(await request.body() or b"{}", type=_Wanted)
        subscribed = device(wanted.device or secrets.token_urlsafe(12), wanted.application_server_key)
        self._gone.pop(subscribed.id, None)
        body = msgspec.json.encode(subscribed.subscription(_origin(request)))
        return Response(body, 201, media_type="application/json")

    async def unsubscribe(self, request: Request) -> Response:
        """What the user does in the browser's settings: every later push gets a 410."""
        known = read_device(request.path_params["device_id"])
        if known is None:
            return _refusal(_NEVER_ISSUED)
        self._gone[known.id] = None
        if len(self._gone) > DEVICES:
            self._gone.popitem(last=False)
        return Response(status_code=204)

    async def push(self, request: Request) -> Response:
        """A server's push message: 201 once it is recorded as delivered."""
        body = await _body(request)
        known = read_device(request.path_params["device_id"])
        if known is None:
            return _refusal(_NEVER_ISSUED)
        fault = self._faults.take(known.id)
        if fault is None:
            return self._answer(request, known, body)
        if fault.status is not None:
            await _hang(request, fault.hang_s)
            return _refusal(Refused(fault.status, "a fault that was asked for"), fault)
        answer = self._answer(request, known, body)
        await _hang(request, fault.hang_s)
        return answer

    def _answer(self, request: Request, known: Device, body: bytes) -> Response:
        if known.id in self._gone:
            return _refusal(Refused(410, "unsubscribed"))
        origin = _origin(request)
        received = receive(known, request.headers, body, origin=origin, now=datetime.now(UTC))
        if not isinstance(received, Delivery):
            return _refusal(received)
        self._deliveries.record(known.id, received, topic=received.headers.get("topic"))
        message_url = f"{origin}/message/{secrets.token_urlsafe(16)}"
        return Response(status_code=201, headers={"location": message_url, "ttl": received.headers["ttl"]})


_NEVER_ISSUED = Refused(404, "no such subscription was ever issued")


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _refusal(refused: Refused, fault: Fault | None = None) -> Response:
    headers = {"www-authenticate": "vapid"} if refused.status == 401 else {}
    if fault is not None and fault.retry_after_s is not None:
        headers["retry-after"] = str(fault.retry_after_s)
    return Response(refused.reason, refused.status, headers=headers, media_type="text/plain")


async def _body(request: Request) -> bytes:
    """At most one byte more than is allowed: enough to see that it is too much."""
    body = b""
    async for chunk in request.stream():
        body = (body + chunk)[: MAX_BODY_BYTES + 1]
    return body


async def _hang(request: Request, hang_s: float) -> None:
    """Wait as long as was asked for, or until the sender hangs up. The request's body must have been read."""
    try:
        async with asyncio.timeout(hang_s):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
