"""What a sender is answered, as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from hub.api.problem import ProblemDetails, details_of, problem_of
from hub.api.shapes import REF
from hub.api.status import StatusAnswer
from hub.draft import Acceptance, Duplicate

# Two structs in one list: msgspec encodes it and cannot tell it in a JSON Schema.
_LINE = {"anyOf": [{"$ref": REF.format(name="BatchLine")}, {"$ref": REF.format(name="ProblemDetails")}]}


class SendAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It is committed. `planned`: users of a large audience, who are stored later; `duplicates`: who had it already."""

    notification_id: UUID
    accepted: int
    created_at: datetime
    planned: int | None = None
    duplicates: list[Duplicate] = []


class SettledAnswer(SendAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """With what became of it."""

    users: list[StatusAnswer]


class BatchLine(SendAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """Of one notification of a batch that is committed."""

    status: int


class BatchAnswer(msgspec.Struct, frozen=True):
    """How many were committed, how many refused, and an answer for each, in order."""

    accepted: int
    failed: int
    notifications: Annotated[list[Any], Meta(extra_json_schema={"items": _LINE})]


class WithdrawnAnswer(msgspec.Struct, frozen=True):
    """How many users' entries are shown no more."""

    notification_id: UUID
    withdrawn: int


def answer_of(accepted: Acceptance) -> SendAnswer:
    """That of most sends."""
    return SendAnswer(
        notification_id=accepted.notification_id,
        accepted=accepted.accepted,
        created_at=accepted.created_at,
        planned=accepted.planned,
        duplicates=list(accepted.duplicates),
    )


def settled_answer_of(accepted: Acceptance, users: list[StatusAnswer]) -> SettledAnswer:
    """That of a sender who waited."""
    return SettledAnswer(**msgspec.structs.asdict(answer_of(accepted)), users=users)


def line_of(one: Acceptance | Exception) -> BatchLine | ProblemDetails:
    """That of one notification of a batch."""
    if isinstance(one, Acceptance):
        return BatchLine(**msgspec.structs.asdict(answer_of(one)), status=202)
    return details_of(problem_of(one))
