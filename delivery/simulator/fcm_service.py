"""The simulated Firebase Cloud Messaging, and the token endpoint that goes with it."""

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.fcm_push import MAX_BODY_BYTES, STATUSES, Push, Refusal, receive
from delivery.simulator.gone import Gone
from delivery.simulator.hang import body_of, on_the_way
from delivery.simulator.oauth import AccessTokens, Granted, ServiceAccountKey

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class FcmService:
    """Its routes, over what other simulated providers share."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone, account: ServiceAccountKey) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone
        self._account = account
        self._tokens = AccessTokens(account)
        self._count = 0

    def routes(self) -> list[Route]:
        return [
            Route("/v1/projects/{project}/messages:send", self.send, methods=["POST"]),
            Route(TOKEN_PATH, self.grant, methods=["POST"]),
            Route(TOKEN_PATH, self.revoke, methods=["DELETE"]),
        ]

    async def grant(self, request: Request) -> Response:
        form = (await body_of(request, MAX_BODY_BYTES)).decode(errors="replace")
        answer = self._tokens.grant(form, datetime.now(UTC))
        return _json(answer, 200 if isinstance(answer, Granted) else 400)

    async def revoke(self, _request: Request) -> Response:
        """For tests: every access token that was given is bad from now on."""
        self._tokens.revoke()
        return Response(status_code=204)

    async def send(self, request: Request) -> Response:
        now, body = datetime.now(UTC), await body_of(request, MAX_BODY_BYTES)
        if not self._tokens.known(request.headers.get("authorization", ""), now):
            return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if request.path_params["project"] != self._account.project_id:
            return _error(404, "NOT_FOUND", "Requested entity was not found.")
        received = receive(body, now)
        if isinstance(received, Refusal):
            return _refusal(received)
        fault = self._faults.take(received.token, "fcm")
        if fault is None:
            return self._take(received)
        answer = _met(fault) if fault.refuses else self._take(received)
        return await on_the_way(request, fault, answer)

    def _take(self, push: Push) -> Response:
        if self._gone.since(push.token) is not None:
            return _refusal(Refusal("UNREGISTERED", "Requested entity was not found."))
        self._deliveries.record(push.token, push.delivery, topic=push.tag, shown=push.shown, badge=push.badge)
        self._count += 1
        return _json({"name": f"projects/{self._account.project_id}/messages/0:{self._count}"}, 200)


def _met(fault: Fault) -> Response:
    by_status = next((code for code, (status, _) in STATUSES.items() if status == fault.status), "")
    code = by_status if fault.reason is None else fault.reason
    waits = {} if fault.retry_after_s is None else {"retry-after": str(fault.retry_after_s)}
    if code in STATUSES:
        answer = _refusal(Refusal(code, "a fault that was asked for"), status=fault.status)
    elif code:
        answer = _error(fault.status or 500, code, "a fault that was asked for")
    else:
        answer = Response(status_code=fault.status or 500)
    answer.headers.update(waits)
    return answer


def _refusal(refusal: Refusal, *, status: int | None = None) -> Response:
    usual, general = STATUSES[refusal.code]
    named = {"@type": _BAD_REQUEST, "fieldViolations": [{"field": refusal.field, "description": refusal.message}]}
    own = {"@type": _FCM_ERROR, "errorCode": refusal.code}
    return _error(status or usual, general, refusal.message, named if refusal.field else own)


def _error(status: int, general: str, message: str, *details: object) -> Response:
    said = {"code": status, "message": message, "status": general, "details": details}
    return _json({"error": said}, status)


def _json(document: object, status: int) -> Response:
    return Response(msgspec.json.encode(document), status, media_type="application/json")
