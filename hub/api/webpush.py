"""`/api/v1/webpush`: what a page needs to subscribe to Web Push."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.body import answer
from hub.api.operation import operation, public
from hub.api.problem import Problem


class KeyAnswer(msgspec.Struct, frozen=True):
    """Base64url, as `pushManager.subscribe` takes it."""

    application_server_key: str


class WebPushApi:
    """The application server key; public, as every subscribing browser knows it."""

    def __init__(self, application_server_key: str | None) -> None:
        self._key = application_server_key

    def routes(self) -> Sequence[Route]:
        """Where the call lives."""
        return [Route("/api/v1/webpush", self.key, methods=["GET"])]

    @public
    @operation("Find the key with which pages subscribe to Web Push", answers={200: KeyAnswer}, refusals=[404])
    async def key(self, _: Request) -> Response:
        """`applicationServerKey` for `pushManager.subscribe` (W3C Push API); pushes are signed with its other half."""
        if self._key is None:
            raise Problem(404, "Web Push is off (HARK_VAPID_PRIVATE_KEY)")
        response = answer(KeyAnswer(self._key))
        response.headers["Access-Control-Allow-Origin"] = "*"  # no secret: every page that subscribes needs it
        return response
