"""Where simulated devices are got and given back: a browser's subscription, an app's device token."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery import base64url
from delivery.simulator.devices import NAME_PATTERN, device, device_id_of
from delivery.simulator.fcm_push import IPHONE
from delivery.simulator.gone import Gone
from delivery.simulator.names import Names

_Name = Annotated[str, msgspec.Meta(pattern=NAME_PATTERN)]
_ApplicationServerKey = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{87}=?\Z")]


class _Wanted(msgspec.Struct, frozen=True, rename={"application_server_key": "applicationServerKey"}):
    device: _Name | None = None
    platform: Literal["web", "ios", "android"] = "web"
    provider: Literal["fcm"] | None = None
    """Whose token an iPhone gets, when it is not Apple's."""
    application_server_key: _ApplicationServerKey | None = None


class DeviceDesk:
    """Devices keep nothing: the same name is the same device, after a restart too."""

    def __init__(self, gone: Gone, names: Names) -> None:
        self._gone = gone
        self._names = names

    def routes(self) -> list[Route]:
        return [
            Route("/devices", self.register, methods=["POST"]),
            Route("/devices", self.leave, methods=["DELETE"]),
        ]

    async def register(self, request: Request) -> Response:
        """A PushSubscription, or `{"device_token": …}`; a device that had left is back."""
        wanted = msgspec.json.decode(await request.body() or b"{}", type=_Wanted)
        name = wanted.device or secrets.token_urlsafe(12)
        if wanted.platform == "web":
            subscribed = device(name, wanted.application_server_key)
            device_id, answer = subscribed.id, msgspec.json.encode(subscribed.subscription(origin(request)))
        else:
            device_id = _token(wanted, name)
            answer = msgspec.json.encode({"device_token": device_id})
        self._gone.come_back(device_id)
        self._names.give(device_id, name)
        return Response(answer, 201, media_type="application/json")

    async def leave(self, request: Request) -> Response:
        """The app is deleted, or the browser's permission taken back: every later push finds it gone."""
        self._gone.leave(device_of(request), datetime.now(UTC))
        return Response(status_code=204)


def ios_token(name: str) -> str:
    """As long as those of today's iPhones, in hexadecimal digits."""
    return hashlib.sha256(f"ios\0{name}".encode()).hexdigest()


def fcm_token(platform: str, name: str) -> str:
    """In the form of FCM's registration tokens: an installation's id, a colon, and more. An iPhone's can be told."""
    digest = hashlib.sha256(f"{platform}\0{name}".encode()).digest()
    installation = base64url.encode(digest)[:22]
    if platform == "ios":
        installation = IPHONE + installation[len(IPHONE) :]
    return f"{installation}:APA91b{base64url.encode(digest * 4)[:134]}"


def _token(wanted: _Wanted, name: str) -> str:
    of_apple = wanted.platform == "ios" and wanted.provider is None
    return ios_token(name) if of_apple else fcm_token(wanted.platform, name)


def origin(request: Request) -> str:
    """Where the simulator was reached at."""
    return f"{request.url.scheme}://{request.url.netloc}"


def device_of(request: Request) -> str:
    """The device that `?token=` names; no token at all is a mistake."""
    token = request.query_params.get("token")
    if not token:
        raise HTTPException(400, "say which device: ?token=<device token, endpoint, subscription JSON or device id>")
    return device_id_of(token)
