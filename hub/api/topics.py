"""`/api/v1/topics`: named sets of users, and messages to everybody who is looking right now."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import metrics
from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, TopicName, UserId, answer, parse
from hub.api.free_form import json_value
from hub.api.operation import operation
from hub.api.problem import Problem, invalid, not_found
from hub.api.query import TextParameter, page_limit
from hub.audit import Deed
from hub.bus import Bus
from hub.hint import topic_channel
from hub.live import frames
from hub.store import audit
from hub.store import topics as store
from hub.store.postgres import Pool, transaction

MEMBERS_A_CALL = 10_000
MEMBERS_TOLD = 100  # by name in the audit log, of one call; of more their number
PAGE_TOPICS = 1000
PAGE_MEMBERS = 10_000

_TOPICS = page_limit(100, PAGE_TOPICS)
_AFTER_TOPIC = TextParameter(name="after", description="the name of a topic")
_MEMBERS = page_limit(1000, PAGE_MEMBERS)
_AFTER_USER = TextParameter(name="after", description="the id of a user")


class LiveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every joined connection hears."""

    data: msgspec.Raw


class MembersRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Users to add and to remove; who is in both is a member afterwards."""

    add: Annotated[list[UserId], Meta(max_length=MEMBERS_A_CALL)] = []
    remove: Annotated[list[UserId], Meta(max_length=MEMBERS_A_CALL)] = []


class TopicsPage(msgspec.Struct, frozen=True):
    """In order of their names; `next` is the `after` of the next page, null on the last."""

    topics: Sequence[store.Topic]
    next: str | None


class MembersPage(msgspec.Struct, frozen=True):
    """In order of their ids; `next` is the `after` of the next page, null on the last."""

    topic: str
    members: Sequence[store.Member]
    next: str | None


class LiveAnswer(msgspec.Struct, frozen=True):
    """On how many nodes somebody listens."""

    topic: str
    nodes: int


class TopicsApi:
    """Create, find, list, delete, members; publish to who is connected."""

    def __init__(self, pool: Pool, bus: Bus, keys: KeyRing) -> None:
        self._pool = pool
        self._bus = bus
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        one = "/api/v1/topics/{topic}"
        return [
            Route("/api/v1/topics", guard(self.list, "read"), methods=["GET"]),
            Route(one, guard(self.create, "topics:write"), methods=["PUT"]),
            Route(one, guard(self.find, "read"), methods=["GET"]),
            Route(one, guard(self.delete, "topics:write"), methods=["DELETE"]),
            Route(f"{one}/members", guard(self.members, "read"), methods=["GET"]),
            Route(f"{one}/members", guard(self.change, "topics:write"), methods=["PATCH"]),
            Route(f"{one}/live", guard(self.publish, "send"), methods=["POST"]),
        ]

    @operation("List topics", query=[_TOPICS, _AFTER_TOPIC], answers={200: TopicsPage}, refusals=[422])
    async def list(self, request: Request, _: str) -> Response:
        """A page of topics in order of their names; `next` is the `after` of the next page, null on the last."""
        limit = _TOPICS.read(request)
        after = _AFTER_TOPIC.read(request)
        found = await store.page(self._pool, after=after, limit=limit)
        return answer(TopicsPage(found, found[-1].topic if len(found) == limit else None))

    @operation("Make a topic", answers={200: store.Topic, 201: store.Topic}, refusals=[422])
    async def create(self, request: Request, sender: str) -> Response:
        """201, or 200 when it was there."""
        topic = _topic(request)
        async with transaction(self._pool) as db:
            created = await store.create(db, topic)
            await audit.append(db, Deed(sender, "topic.created", {"topic": topic}, created))
        return answer(await store.find(self._pool, topic), 201 if created else 200)

    @operation("Find a topic", answers={200: store.Topic}, refusals=[404, 422])
    async def find(self, request: Request, _: str) -> Response:
        """The topic, and how many members it has."""
        return answer(await self._found(request))

    @operation("Delete a topic", answers={204: None}, refusals=[404, 422])
    async def delete(self, request: Request, sender: str) -> Response:
        """204; what was sent to its members stays theirs, and who was not reached yet is not reached any more."""
        topic = _topic(request)
        async with transaction(self._pool) as db:
            there = await store.delete(db, topic)
            await audit.append(db, Deed(sender, "topic.deleted", {"topic": topic}, there))
        if not there:
            raise not_found("topic")
        return Response(status_code=204)

    @operation("List a topic's members", query=[_MEMBERS, _AFTER_USER], answers={200: MembersPage}, refusals=[404, 422])
    async def members(self, request: Request, _: str) -> Response:
        """A page of members in order of their ids; `next` is the `after` of the next page, null on the last."""
        limit = _MEMBERS.read(request)
        after = _AFTER_USER.read(request)
        topic = (await self._found(request)).topic
        found = await store.members(self._pool, topic, after=after, limit=limit)
        following = found[-1].user_id if len(found) == limit else None
        return answer(MembersPage(topic, found, following))

    @operation(
        "Add and remove members",
        body=MembersRequest,
        example={"add": ["ada", "grace"], "remove": ["linus"]},
        answers={200: store.Changed},
        refusals=[400, 404, 413, 415, 422],
    )
    async def change(self, request: Request, sender: str) -> Response:
        """Removes, then adds; all in one transaction. Tells how many of each were news."""
        topic = _topic(request)
        wanted = await parse(request, MembersRequest, limit=LIST_BYTES)
        async with transaction(self._pool) as db:
            changed = await store.change(db, topic, add=wanted.add, remove=wanted.remove)
            if changed is not None:
                await audit.append(db, _told(sender, topic, wanted, changed))
        if changed is None:
            raise not_found("topic")
        return answer(changed)

    @operation(
        "Tell everybody who looks at a topic right now",
        body=LiveRequest,
        example={"data": {"typing": "ada"}},
        answers={202: LiveAnswer},
        refusals=[400, 413, 415, 422],
    )
    async def publish(self, request: Request, _: str) -> Response:
        """202 once the bus has it; it is not stored, and who is not connected misses it. `nodes` have listeners."""
        topic = _topic(request)
        wanted = await parse(request, LiveRequest)
        message = frames.live(topic, json_value(wanted.data, "$.data"))
        nodes = await self._bus.publish([(topic_channel(topic), message)])
        if nodes is None:
            raise Problem(
                503, "the bus is not available, and live messages are not stored", headers={"Retry-After": "1"}
            )
        metrics.live_published.inc()
        return answer(LiveAnswer(topic, nodes[0]), 202)

    async def _found(self, request: Request) -> store.Topic:
        found = await store.find(self._pool, _topic(request))
        if found is None:
            raise not_found("topic")
        return found


def _told(sender: str, topic: str, wanted: MembersRequest, changed: store.Changed) -> Deed:
    told: dict[str, str | int | Sequence[str]] = {"topic": topic, "added": changed.added, "removed": changed.removed}
    if len(wanted.add) + len(wanted.remove) <= MEMBERS_TOLD:
        told |= {"add": wanted.add, "remove": wanted.remove}
    return Deed(sender, "topic.members_changed", told, changed.added + changed.removed > 0)


def _topic(request: Request) -> str:
    try:
        return msgspec.convert(request.path_params["topic"], TopicName)
    except msgspec.ValidationError:
        raise invalid("topic", "1 to 255 characters, none of them a control character") from None
