"""`/demo/api`: the few calls the page needs, for the demo's two users and nobody else."""

from typing import Literal, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web_demo.devices import Devices
from web_demo.failures import Refused
from web_demo.hark import Hark

USERS = frozenset({"demo-ada", "demo-grace"})
BODY_BYTES = 64 * 1024  # as Hark's own limit

Body = TypeVar("Body")


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends. Hark says what else is wrong with it."""

    title: str
    message: str = ""
    priority: Literal["low", "normal", "high", "critical"] = "normal"
    sender: Literal["demo-ada", "demo-grace"] | None = None


class Api:
    """Stateless: everything is Hark's or the simulator's."""

    def __init__(self, hark: Hark, devices: Devices | None) -> None:
        self._hark = hark
        self._devices = devices

    def routes(self) -> list[Route]:
        """Where each call lives."""
        return [
            Route("/users/{user}/token", self.token, methods=["POST"]),
            Route("/users/{user}/phone", self.register, methods=["POST"]),
            Route("/users/{user}/phone", self.phone, methods=["GET"]),
            Route("/users/{user}/notifications", self.send, methods=["POST"]),
            Route("/notifications/{notification_id}", self.status, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """`{token}`: a user token for the socket."""
        return _answer(await self._hark.token(_user(request)))

    async def register(self, request: Request) -> Response:
        """204 once the user's phone is registered for pushes; saying it again changes nothing."""
        user = _user(request)
        await self._hark.register(user, await self._phones().subscription(user))
        return Response(status_code=204)

    async def phone(self, request: Request) -> Response:
        """`[{push, at}]`: what stands on the user's phone of the entries after `?after=`, oldest first."""
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 16:
            raise Refused(422, "after: expected the seq of an entry")
        return _answer(await self._phones().shown(_user(request), after=int(after)))

    async def send(self, request: Request) -> Response:
        """202 `{notification_id}` once it is stored for the user."""
        user = _user(request)
        draft = await _parse(request, Draft)
        accepted = await self._hark.send(
            user, title=draft.title, message=draft.message, priority=draft.priority, sender=draft.sender
        )
        return _answer(accepted, 202)

    async def status(self, request: Request) -> Response:
        """How far a notification to one of the demo's users has come."""
        for line in await self._hark.status(request.path_params["notification_id"]):
            if line.user_id in USERS:
                return _answer(line)
        raise Refused(404, "no such notification")

    def _phones(self) -> Devices:
        if self._devices is None:
            raise Refused(404, "there are no phones without a push simulator")
        return self._devices


def _user(request: Request) -> str:
    user: str = request.path_params["user"]
    if user not in USERS:
        raise Refused(404, "no such user in the demo")
    return user


async def _parse(request: Request, shape: type[Body]) -> Body:
    # A page of another origin can send this type only after asking, and is never allowed to.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "expected Content-Type: application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise Refused(413, f"expected a body of at most {BODY_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(422, str(error)) from None


def _answer(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
