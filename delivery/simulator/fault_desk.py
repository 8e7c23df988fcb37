"""Where faults are asked for, looked at and taken back: of one device, or of a whole channel."""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.ladder import Channel
from delivery.simulator.apns_push import is_device_token
from delivery.simulator.devices import device_id_of
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.mailbox import mailbox_id
from delivery.simulator.phone_number import phone_number


class FaultDesk:
    """Refuses what the channel cannot do."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/faults", self.waiting, methods=["GET"]),
            Route("/faults", self.ask, methods=["POST"]),
            Route("/faults", self.remove, methods=["DELETE"]),
        ]

    async def waiting(self, _request: Request) -> Response:
        """`[{id, device_id, fault, left}]`"""
        return Response(msgspec.json.encode(self._faults.waiting()), media_type="application/json")

    async def ask(self, request: Request) -> Response:
        """204 with a fault of `device` or `channel`."""
        fault = msgspec.json.decode(await request.body(), type=Fault)
        device_id = None if fault.device is None else device_id_of(fault.device)
        complaint = _complaint(fault, fault.channel or _channel_of(device_id or ""))
        if complaint is not None:
            raise HTTPException(400, complaint)
        self._faults.add(device_id, fault)
        return Response(status_code=204)

    async def remove(self, request: Request) -> Response:
        """All of them, or the one of `?id=`."""
        asked = request.query_params.get("id")
        if asked is not None and not asked.isdecimal():
            raise HTTPException(400, "id: the number of a fault")
        self._faults.remove(None if asked is None else int(asked))
        return Response(status_code=204)


def _channel_of(device_id: str) -> Channel:
    """By the looks of a device; FCM's are as browsers are, to a fault."""
    if mailbox_id(device_id) is not None:
        return "email"
    if phone_number(device_id) is not None:
        return "sms"
    return "apns" if is_device_token(device_id) else "webpush"


def _complaint(fault: Fault, channel: Channel) -> str | None:
    match channel:
        case "email" if fault.accident == "half_body" or (fault.status or 400) < 400:
            return "a mail server has no half body, and refuses with 400 to 599"
        case "sms" if fault.accident is not None or not (fault.reason or "0").isdecimal():
            return "Twilio has no accidents, and its reasons are numbers such as 21610"
        case "webpush" | "fcm" if fault.accident == "goaway":
            return "HTTP/1.1, which is spoken here, has no GOAWAY"
    return None
