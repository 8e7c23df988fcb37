"""The simulator's HTTP app: the simulated providers, and what a curious person asks about them."""

import contextlib
import socket
from collections.abc import AsyncIterator

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from delivery.simulator.apns_push import MAX_PAYLOAD_BYTES
from delivery.simulator.apns_service import ApnsService
from delivery.simulator.deliveries import Deliveries, Delivery
from delivery.simulator.device_desk import DeviceDesk, device_of
from delivery.simulator.fault_desk import FaultDesk
from delivery.simulator.faults import Faults
from delivery.simulator.fcm_service import FcmService
from delivery.simulator.gone import Gone
from delivery.simulator.http2 import Http2Server
from delivery.simulator.mail_service import MailService
from delivery.simulator.names import Names
from delivery.simulator.page import Page
from delivery.simulator.papers import SMTP_LOGIN, TWILIO_ACCOUNT, Papers
from delivery.simulator.push_service import PushService
from delivery.simulator.screens import ScreenService
from delivery.simulator.smtp_server import SmtpServer
from delivery.simulator.twilio_service import TwilioService


def simulator(papers: Papers, apns_listening: socket.socket, smtp_listening: socket.socket) -> Starlette:
    """A simulator that has seen nothing yet. APNs speaks HTTP/2 and the mail server SMTP, each on a socket of its own
    while the app runs."""
    deliveries, faults, gone, names = Deliveries(), Faults(), Gone(), Names()
    shared = deliveries, faults, gone
    apns = Http2Server(ApnsService(*shared, papers.apns_issuer()), papers.tls(), max_body_bytes=MAX_PAYLOAD_BYTES)
    mail_server = SmtpServer(MailService(*shared, SMTP_LOGIN), papers.smtp_tls())
    services = (
        DeviceDesk(gone, names),
        PushService(*shared),
        FcmService(*shared, papers.fcm_sender()),
        TwilioService(*shared, TWILIO_ACCOUNT),
        FaultDesk(faults),
        ScreenService(*shared, names),
        _Looks(deliveries),
        Page(),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await apns.open(apns_listening)
        await mail_server.open(smtp_listening)
        yield
        await mail_server.aclose()
        await apns.aclose()

    return Starlette(
        routes=[route for service in services for route in service.routes()],
        lifespan=lifespan,
        # The demo page and a developer's own read from another port.
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])],
        exception_handlers={msgspec.DecodeError: _malformed},
    )


class _Looks:
    """Looking at what devices were sent."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def routes(self) -> list[Route]:
        return [
            Route("/deliveries", self.sent),
            Route("/shown", self.shown),
            Route("/shown", self.clear, methods=["DELETE"]),
            Route("/health", _health),
        ]

    async def sent(self, request: Request) -> Response:
        return _listing(self._deliveries.sent(device_of(request)))

    async def shown(self, request: Request) -> Response:
        return _listing(self._deliveries.shown(device_of(request)))

    async def clear(self, request: Request) -> Response:
        """Somebody wipes everything off the screen."""
        self._deliveries.close(device_of(request), lambda _: True)
        return Response(status_code=204)


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _malformed(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"malformed: {error}", 400)


def _listing(deliveries: list[Delivery]) -> Response:
    return Response(msgspec.json.encode(deliveries), media_type="application/json")
