"""What a sender may ask for: the fields of one notification, and the draft they become."""

import hashlib
from functools import partial
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from delivery.ladder import STEPS, Step
from hub.api.body import Text, TopicName, UserId
from hub.api.free_form import json_object
from hub.api.problem import invalid
from hub.draft import Audience, Dedupe, Draft, IdempotencyKey, Priority
from hub.ids import uuid7
from hub.store import topics
from hub.store.postgres import Pool

USERS = 10_000
DAY_S = 86_400


class DedupeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever got the same within the window does not get it again; without a key, the same title, message and data."""

    key: Annotated[Text, Meta(min_length=1, max_length=255)] | None = None
    window_s: Annotated[int, Meta(ge=1, le=30 * DAY_S)] = 3 * 3600


class SendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One notification to a user, to several, or to a topic's members."""

    title: Annotated[Text, Meta(min_length=1, max_length=500)]
    message: Annotated[Text, Meta(max_length=8000)] = ""
    user_id: UserId | None = None
    user_ids: Annotated[list[UserId], Meta(min_length=1, max_length=USERS)] | None = None
    topic: TopicName | None = None
    exclude: Annotated[list[UserId], Meta(max_length=USERS)] = []
    data: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})] = msgspec.field(
        default_factory=partial(msgspec.Raw, b"{}")  # a plain default cannot be told in a JSON Schema
    )
    priority: Priority = "normal"
    expires_in_s: Annotated[int, Meta(ge=1, le=365 * DAY_S)] | None = None
    collapse_key: Annotated[Text, Meta(min_length=1, max_length=64)] | None = None
    dedupe: DedupeRequest | None = None
    ladder: Annotated[list[Step], Meta(max_length=STEPS)] | None = None
    push_text: Annotated[Text, Meta(min_length=1, max_length=500)] | None = None


class Drafting:
    """Makes drafts of requests: looks up who a topic's members are."""

    def __init__(self, pool: Pool, *, batch: int) -> None:
        self._pool = pool
        self._batch = batch

    async def draft(
        self, wanted: SendRequest, *, sender: str, idempotency: IdempotencyKey | None = None, path: str = "$"
    ) -> Draft:
        """Raises Problem for fields that do not go together; `path` is where the request stood."""
        data = json_object(wanted.data, f"{path}.data")
        if any(later.after_s < step.after_s for step, later in pairwise(wanted.ladder or ())):
            raise invalid(f"{path}.ladder", "steps in the order of their after_s")
        user_ids, audience = await self._audience(wanted, path)
        return Draft(
            id=uuid7(),
            user_ids=user_ids,
            audience=audience,
            title=wanted.title,
            message=wanted.message,
            data=data,
            priority=wanted.priority,
            sender=sender,
            topic=wanted.topic,
            expires_in_s=wanted.expires_in_s,
            collapse_key=wanted.collapse_key,
            dedupe=_dedupe(wanted, data),
            idempotency=idempotency,
            ladder=wanted.ladder,
            push_text=wanted.push_text,
        )

    async def _audience(self, wanted: SendRequest, path: str) -> tuple[list[str], Audience | None]:
        """The users of one commit, or an audience that is too large for one."""
        if wanted.exclude and wanted.topic is None:
            raise invalid(f"{path}.exclude", "a topic to exclude users of")
        if (wanted.user_id, wanted.user_ids, wanted.topic).count(None) != 2:  # one is given
            raise invalid(path, "one of user_id, user_ids and topic")
        if wanted.user_id is not None:
            return [wanted.user_id], None
        if wanted.topic is not None:
            return await self._members(wanted.topic, wanted.exclude, path)
        users = list(dict.fromkeys(wanted.user_ids or ()))  # a user named twice gets it once
        if len(users) <= self._batch:
            return users, None
        return [], Audience(planned=len(users), user_ids=users)

    async def _members(self, topic: str, exclude: list[str], path: str) -> tuple[list[str], Audience | None]:
        found = await topics.find(self._pool, topic)
        if found is None:
            raise invalid(f"{path}.topic", "a topic that exists")
        if found.members - len(exclude) <= self._batch:
            users = await topics.some(self._pool, topic, exclude=exclude, limit=self._batch + 1)
            if len(users) <= self._batch:
                return users, None
        excluded = await topics.count_among(self._pool, topic, exclude) if exclude else 0
        return [], Audience(planned=found.members - excluded, topic=topic, exclude=exclude)


def _dedupe(wanted: SendRequest, data: bytes) -> Dedupe | None:
    if wanted.dedupe is None:
        return None
    if wanted.dedupe.key is not None:
        return Dedupe(f"key:{wanted.dedupe.key}", wanted.dedupe.window_s)
    content = msgspec.json.encode([wanted.title, wanted.message]) + data
    return Dedupe(f"content:{hashlib.sha256(content).hexdigest()}", wanted.dedupe.window_s)
