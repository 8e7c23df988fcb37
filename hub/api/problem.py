"""Errors as `application/problem+json` (RFC 9457): one shape for every refusal, with the path of what was wrong."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.draft import IdempotencyKeyReusedError
from hub.store.postgres import BAD_VALUE, TRY_AGAIN

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"


class Fault(msgspec.Struct, frozen=True):
    """One field that was wrong: where (JSONPath, or the parameter's name) and what was expected instead."""

    path: str
    expected: str


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer of 400 and above."""

    title: str
    status: int
    detail: str = ""
    errors: tuple[Fault, ...] = ()


class Problem(Exception):
    """Ends a request with an error."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, faults, headers


def invalid(path: str, expected: str) -> Problem:
    """A field or parameter that is well-formed and still not acceptable."""
    return Problem(422, f"{path}: expected {expected}", faults=(Fault(path, expected),))


def not_found(what: str) -> Problem:
    """There is no such thing, or it is not the caller's."""
    return Problem(404, f"no such {what}")


def details_of(problem: Problem) -> ProblemDetails:
    """What the caller reads."""
    return ProblemDetails(HTTPStatus(problem.status).phrase, problem.status, problem.detail, problem.faults)


def respond(problem: Problem) -> Response:
    """The answer a problem becomes."""
    return Response(msgspec.json.encode(details_of(problem)), problem.status, problem.headers, MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is for the caller."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return Problem(error.status_code, error.detail, headers=error.headers)
        case IdempotencyKeyReusedError():
            return Problem(422, "this Idempotency-Key stands for another request")
        case _ if isinstance(error, TRY_AGAIN):
            return Problem(503, "the database is not available", headers={"Retry-After": RETRY_AFTER_S})
        case _ if isinstance(error, BAD_VALUE):
            return Problem(422, f"the database does not take this: {error}")
        case _:
            return Problem(500, "something went wrong here")


async def answer_to(request: Request, error: Exception) -> Response:
    """The answer an error becomes, logged when it is nobody's mistake but ours or Postgres'."""
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Problem | HTTPException):
        log.warning("api.failed", path=request.scope["path"], status=problem.status, error=type(error).__name__)
    return respond(problem)


EXPECTED = (Problem, HTTPException, IdempotencyKeyReusedError, *TRY_AGAIN, *BAD_VALUE)
HANDLERS = dict.fromkeys((*EXPECTED, Exception), answer_to)  # Starlette raises what is not expected on, into the log
