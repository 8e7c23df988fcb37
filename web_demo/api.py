"""`/demo/api`: the few calls the page needs, for the shop's two people and nobody else."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web_demo import hark, shop
from web_demo.devices import Devices
from web_demo.failures import Refused
from web_demo.hark import Hark

BODY_BYTES = 64 * 1024  # as Hark's own limit

Body = TypeVar("Body")


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event of the shop, under a key of the page's own: said again with it, it happens once."""

    event: shop.Event
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]


class Sent(msgspec.Struct, frozen=True):
    notification_id: str
    user_id: str
    title: str


class Trace(msgspec.Struct, frozen=True):
    """What became of a notification, in times and in words."""

    status: hark.Status
    lines: list[hark.Line]


class Api:
    """Stateless: everything is Hark's or the simulator's. `simulator_url` is for a link."""

    def __init__(self, hark: Hark, devices: Devices | None, simulator_url: str) -> None:
        self._hark = hark
        self._devices = devices
        self._simulator_url = simulator_url

    def routes(self) -> list[Route]:
        """Where each call lives."""
        return [
            Route("/users/{user}/token", self.token, methods=["POST"]),
            Route("/users/{user}/devices", self.register, methods=["POST"]),
            Route("/screens", self.screens, methods=["GET"]),
            Route("/events", self.send, methods=["POST"]),
            Route("/notifications/{notification_id}", self.trace, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """`{token}`: a user token for the socket."""
        return _answer(await self._hark.token(_person(request).id))

    async def register(self, request: Request) -> Response:
        """204 once Hark knows the person's phone, browser, mailbox and number; saying it again changes nothing."""
        person = _person(request)
        await self._hark.register(person.id, await self._simulated().of(person))
        await self._hark.reach(person)
        return Response(status_code=204)

    async def screens(self, _: Request) -> Response:
        """`{simulator_url, screens: [{user_id, kind, gone, shown: [{title, text, at}]}]}`"""
        screens = await self._simulated().screens()
        return _answer({"simulator_url": self._simulator_url, "screens": screens})

    async def send(self, request: Request) -> Response:
        """202 `{notification_id, user_id, title}` once it is stored for the other one."""
        sending = await _parse(request, Sending)
        draft = shop.draft(sending.event)
        accepted = await self._hark.send(draft, key=sending.key)
        return _answer(Sent(accepted.notification_id, draft.user_id, draft.title), 202)

    async def trace(self, request: Request) -> Response:
        """How far a notification to one of the shop's people has come, and why."""
        notification_id = request.path_params["notification_id"]
        for status in await self._hark.status(notification_id):
            if status.user_id in shop.PEOPLE:
                lines = await self._hark.explain(notification_id, status.user_id)
                return _answer(Trace(status, lines))
        raise Refused(404, "no such notification")

    def _simulated(self) -> Devices:
        if self._devices is None:
            raise Refused(404, "there are no phones without a push simulator")
        return self._devices


def _person(request: Request) -> shop.Person:
    person = shop.PEOPLE.get(request.path_params["user"])
    if person is None:
        raise Refused(404, "no such user in the demo")
    return person


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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(422, str(error)) from None


def _answer(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
