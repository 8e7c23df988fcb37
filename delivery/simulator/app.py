"""The simulator's HTTP app: the simulated providers, and what a curious person asks about them."""

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from delivery.simulator.deliveries import Deliveries, Delivery
from delivery.simulator.devices import device_id_of
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.push_service import PushService


def simulator() -> Starlette:
    """A simulator that has seen nothing yet."""
    deliveries = Deliveries()
    faults = Faults()
    looks = _Looks(deliveries, faults)
    return Starlette(
        routes=[*PushService(deliveries, faults).routes(), *looks.routes()],
        # The demo page and a developer's own read from another port.
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])],
        exception_handlers={msgspec.DecodeError: _malformed},
    )


class _Looks:
    """Looking at devices, and tampering with them."""

    def __init__(self, deliveries: Deliveries, faults: Faults) -> None:
        self._deliveries = deliveries
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/deliveries", self.sent),
            Route("/shown", self.shown),
            Route("/faults", self.ask_for_fault, methods=["POST"]),
            Route("/faults", self.remove_faults, methods=["DELETE"]),
            Route("/health", _health),
        ]

    async def sent(self, request: Request) -> Response:
        return _listing(self._deliveries.sent(_device_id(request)))

    async def shown(self, request: Request) -> Response:
        return _listing(self._deliveries.shown(_device_id(request)))

    async def ask_for_fault(self, request: Request) -> Response:
        fault = msgspec.json.decode(await request.body(), type=Fault)
        self._faults.add(device_id_of(fault.device), fault)
        return Response(status_code=204)

    async def remove_faults(self, _request: Request) -> Response:
        self._faults.clear()
        return Response(status_code=204)


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _malformed(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"malformed: {error}", 400)


def _device_id(request: Request) -> str:
    """A token nobody was sent anything by has an empty history; no token at all is a mistake."""
    token = request.query_params.get("token")
    if not token:
        raise HTTPException(400, "say which device: ?token=<endpoint, subscription JSON or device id>")
    return device_id_of(token)


def _listing(deliveries: list[Delivery]) -> Response:
    return Response(msgspec.json.encode(deliveries), media_type="application/json")
