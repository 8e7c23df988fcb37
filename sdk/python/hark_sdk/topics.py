"""Named sets of users, and messages to whoever looks right now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hark_sdk.call import Call, decoded, nothing, path, query


class Topic(msgspec.Struct, frozen=True):
    """A set of users, and how many they are."""

    topic: str
    members: int
    created_at: datetime


class Topics(msgspec.Struct, frozen=True):
    """In order of their names; `next` is the `after` of the next page, None on the last."""

    topics: Sequence[Topic]
    next: str | None


class Member(msgspec.Struct, frozen=True):
    """A user of a topic."""

    user_id: str
    added_at: datetime


class Members(msgspec.Struct, frozen=True):
    """In order of their ids; `next` is the `after` of the next page, None on the last."""

    topic: str
    members: Sequence[Member]
    next: str | None


class Changed(msgspec.Struct, frozen=True):
    """What a change did; who was there, or was not, does not count."""

    added: int
    removed: int
    members: int


class Published(msgspec.Struct, frozen=True):
    """On how many nodes somebody listens."""

    topic: str
    nodes: int


def topics(*, after: str | None = None, limit: int | None = None) -> Call[Topics]:
    """All topics, a page at a time."""
    return Call(method="GET", path=path("topics"), query=query(after=after, limit=limit), answer=decoded(Topics))


def create_topic(topic: str) -> Call[Topic]:
    """Makes a topic, if it is not there."""
    return Call(method="PUT", path=path("topics", topic), answer=decoded(Topic))


def topic(topic: str) -> Call[Topic]:
    """One topic."""
    return Call(method="GET", path=path("topics", topic), answer=decoded(Topic))


def delete_topic(topic: str) -> Call[None]:
    """Deletes it; what was sent to its members stays theirs."""
    return Call(method="DELETE", path=path("topics", topic), answer=nothing)


def topic_members(topic: str, *, after: str | None = None, limit: int | None = None) -> Call[Members]:
    """Who is in it, a page at a time."""
    return Call(
        method="GET",
        path=path("topics", topic, "members"),
        query=query(after=after, limit=limit),
        answer=decoded(Members),
    )


def change_topic_members(topic: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Call[Changed]:
    """Removes, then adds, up to 10,000 users of each, in one transaction."""
    body = {"add": add, "remove": remove}
    return Call(method="PATCH", path=path("topics", topic, "members"), body=body, answer=decoded(Changed))


def publish_live(topic: str, data: Any) -> Call[Published]:
    """Tells everybody who looks at an ephemeral topic right now; `data` is any JSON. It is not stored, so a call whose
    answer is lost is not said again: some would hear it twice."""
    return Call(
        method="POST",
        path=path("topics", topic, "live"),
        body={"data": data},
        repeatable=False,
        answer=decoded(Published),
    )
