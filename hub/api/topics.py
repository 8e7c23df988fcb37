"""`/api/v1/topics`: messages to everybody who is looking right now."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import metrics
from hub.api.auth import KeyRing
from hub.api.body import answer, json_value, parse
from hub.api.problem import Problem, invalid
from hub.bus import Bus
from hub.hint import topic_channel
from hub.live import frames

MAX_TOPIC_CHARACTERS = 255


class LiveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every joined connection hears."""

    data: msgspec.Raw


class TopicsApi:
    """Publish."""

    def __init__(self, bus: Bus, keys: KeyRing) -> None:
        self._bus = bus
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where the call lives."""
        return [Route("/api/v1/topics/{topic}/live", self._keys.guard(self.publish), methods=["POST"])]

    async def publish(self, request: Request, _: str) -> Response:
        """202 once the bus has it; it is not stored, and who is not connected misses it. `nodes` have listeners."""
        topic: str = request.path_params["topic"]
        if len(topic) > MAX_TOPIC_CHARACTERS:
            raise invalid("topic", f"at most {MAX_TOPIC_CHARACTERS} characters")
        wanted = await parse(request, LiveRequest)
        message = frames.live(topic, json_value(wanted.data, "$.data"))
        nodes = await self._bus.publish([(topic_channel(topic), message)])
        if nodes is None:
            raise Problem(
                503, "the bus is not available, and live messages are not stored", headers={"Retry-After": "1"}
            )
        metrics.live_published.inc()
        return answer({"topic": topic, "nodes": nodes[0]}, 202)
