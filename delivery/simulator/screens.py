"""What the devices show now: for the simulator's page, the demo, and whoever is curious."""

import secrets
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.simulator.card import Card, card
from delivery.simulator.deliveries import Deliveries
from delivery.simulator.devices import device_id_of
from delivery.simulator.faults import Faults, Waiting
from delivery.simulator.gone import Gone
from delivery.simulator.names import Names

DEVICES_SHOWN = 60
CARDS_SHOWN = 20  # of a device: more than fits on a lock screen


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """One device's; nothing was sent to it yet where the channel is null."""

    device: str
    name: str | None
    """Under which it was asked for, since the simulator runs."""
    channel: str | None
    gone_since: datetime | None
    received: int
    badge: int | None
    """On the app's icon: 0 shows none, null where it was told none."""
    shown: list[Card]
    """Newest first."""


class Screens(msgspec.Struct, frozen=True):
    devices: list[Screen]
    faults: list[Waiting]


class ScreenService:
    """Over what the simulated providers share. Answers are cheap to ask for again: they have an ETag."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone, names: Names) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone
        self._names = names
        self._run = secrets.token_hex(4)

    def routes(self) -> list[Route]:
        return [Route("/screens", self.look)]

    async def look(self, request: Request) -> Response:
        """The devices of each `?token=`, in that order; without any, those that were sent something last."""
        versions = (self._deliveries.version, self._faults.version, self._gone.version)
        headers = {"etag": f'"{self._run}-{"-".join(map(str, versions))}"', "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        asked = [device_id_of(token) for token in request.query_params.getlist("token")]
        devices = asked or self._deliveries.latest(DEVICES_SHOWN)
        found = Screens([self._screen(device_id) for device_id in devices], self._faults.waiting())
        return Response(msgspec.json.encode(found), headers=headers, media_type="application/json")

    def _screen(self, device_id: str) -> Screen:
        shown = self._deliveries.shown(device_id)
        last = self._deliveries.last(device_id)
        return Screen(
            device=device_id,
            name=self._names.of(device_id),
            channel=last.channel if last else None,
            gone_since=self._gone.since(device_id),
            received=self._deliveries.count(device_id),
            badge=self._deliveries.badge(device_id),
            shown=[card(delivery) for delivery in reversed(shown[-CARDS_SHOWN:])],
        )
