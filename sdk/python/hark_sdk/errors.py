"""What a call may raise: `Refused` when the hub said no (RFC 9457), `NoAnswer` when it said nothing in time."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

TEXT_CHARACTERS = 200  # of an answer that is not ours, told in the error


class Fault(msgspec.Struct, frozen=True):
    """One field that was wrong: where (JSONPath, or a parameter's name) and what was expected instead."""

    path: str
    expected: str


class Problem(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    title: str = ""
    detail: str = ""
    errors: Sequence[Fault] = ()


class HarkError(Exception):
    """Any error of a call."""


class NoAnswer(HarkError):
    """No connection, or one that was lost before the answer. `unsent`: the hub cannot have seen the request."""

    def __init__(self, message: str, *, unsent: bool) -> None:
        super().__init__(message)
        self.unsent = unsent


class UnexpectedAnswer(HarkError):
    """A success that this client does not understand: something else than a hub answered."""


class Refused(HarkError):
    """The hub refused. Nothing has changed there, unless `status` is 500 or more."""

    status_of_kind: ClassVar[int] = 0

    def __init__(self, status: int, problem: Problem, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{status} {problem.title}: {problem.detail}".removesuffix(": "))
        self.status = status
        self.title = problem.title
        self.detail = problem.detail
        self.errors = tuple(problem.errors)
        self.retry_after_s = retry_after_s

    @property
    def field(self) -> str | None:
        """The first field that was wrong, as a JSONPath into the body (`$.title`) or as a parameter's name."""
        return self.errors[0].path if self.errors else None


class BadRequest(Refused):
    """The body was no JSON."""

    status_of_kind = 400


class Unauthorized(Refused):
    """No API key, or one that is unknown or revoked."""

    status_of_kind = 401


class Forbidden(Refused):
    """Not with this key, or not from here."""

    status_of_kind = 403


class NotFound(Refused):
    """There is no such thing."""

    status_of_kind = 404


class Busy(Refused):
    """The same request is still running, or what is there already stands in the way: `detail` says what."""

    status_of_kind = 409


class TooLarge(Refused):
    """The body is too long."""

    status_of_kind = 413


class Invalid(Refused):
    """A field is wrong: `field` says which, `detail` what was expected."""

    status_of_kind = 422


class RateLimited(Refused):
    """Too much, of the key or to one user; `retry_after_s` says when to come back."""

    status_of_kind = 429


class Unavailable(Refused):
    """A part of the hub is away."""

    status_of_kind = 503


_KINDS = {kind.status_of_kind: kind for kind in Refused.__subclasses__()}


def refusal(status: int, body: bytes, retry_after: str | None) -> Refused:
    """The error that an answer of 400 and above is."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):  # from a proxy, perhaps
        problem = Problem(detail=body.decode(errors="replace")[:TEXT_CHARACTERS])
    waits = float(retry_after) if retry_after is not None and retry_after.isdecimal() else None
    return _KINDS.get(status, Refused)(status, problem, retry_after_s=waits)
