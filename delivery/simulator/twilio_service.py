"""The simulated Twilio over HTTP: texts to phones."""

import base64
import secrets
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.gone import Gone
from delivery.simulator.hang import body_of, hang
from delivery.simulator.twilio_text import Refusal, Text, delivery, receive

_MAX_BYTES = 65_536
_WRONG_CREDENTIALS = Refusal(20003, "Authenticate", 401)

# What Twilio's general codes come with; all others with 400.
_STATUS_OF = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503}
_CODE_OF = {status: code for code, status in _STATUS_OF.items()}


class _Taken(msgspec.Struct, frozen=True):
    """As much of a Message resource as tells its name."""

    sid: str
    to: str
    status: str = "queued"
    error_code: int | None = None


class TwilioService:
    """Its route, over what other simulated providers share. `account` has name and password: sid and auth token."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone, account: tuple[str, str]) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone
        self._sid = account[0]
        self._authorization = "Basic " + base64.b64encode(":".join(account).encode()).decode()

    def routes(self) -> list[Route]:
        return [Route("/2010-04-01/Accounts/{sid}/Messages.json", self.send, methods=["POST"])]

    async def send(self, request: Request) -> Response:
        """A text: 201 once it is recorded as delivered."""
        form = await body_of(request, _MAX_BYTES)
        if request.headers.get("authorization") != self._authorization:
            return _refused(_WRONG_CREDENTIALS)
        if request.path_params["sid"] != self._sid:
            return _refused(Refusal(20404, "The requested resource was not found", 404))
        text = receive(form)
        if isinstance(text, Refusal):
            return _refused(text)
        fault = self._faults.take(text.to, "sms")
        if fault is None:
            return self._take(text)
        answer = _met(fault) if fault.refuses else self._take(text)
        await hang(request, fault.hang_s)
        return answer

    def _take(self, text: Text) -> Response:
        if self._gone.since(text.to) is not None:
            return _refused(Refusal(21614, f"'To' number: {text.to}, is not a valid mobile number"))
        self._deliveries.record(text.to, delivery(text, datetime.now(UTC)), topic=None)
        return _json(msgspec.json.encode(_Taken(f"SM{secrets.token_hex(16)}", text.to)), 201)


def _met(fault: Fault) -> Response:
    """A reason is Twilio's code; an empty one is an answer without a body."""
    waits = {} if fault.retry_after_s is None else {"retry-after": str(fault.retry_after_s)}
    if fault.reason == "":
        return Response(b"", fault.status or 500, headers=waits)
    code = int(fault.reason) if fault.reason else _CODE_OF.get(fault.status or 400, 20001)
    status = fault.status or _STATUS_OF.get(code, 400)
    return _refused(Refusal(code, "a fault that was asked for", status), waits)


def _refused(refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    return _json(msgspec.json.encode(refusal), refusal.status, headers)


def _json(content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers=headers, media_type="application/json")
